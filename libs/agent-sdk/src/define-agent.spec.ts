import { describe, expect, it } from '@jest/globals';
import { defineAgent } from './index.js';

const options = { name: 'payer', instructions: 'Pay.', model: 'scripted', taskTypes: ['invoice'], tools: ['pay'] };

describe('defineAgent', () => {
  it('gives the same version to the same declaration and another to any change', () => {
    expect(defineAgent(options).digest).toBe(defineAgent({ ...options }).digest);
    expect(defineAgent({ ...options, instructions: 'Pay!' }).digest).not.toBe(defineAgent(options).digest);
  });

  it('is strict where the author said nothing', () => {
    expect(defineAgent(options)).toMatchObject({ trustTier: 'supervised', inputTrust: {} });
  });

  it('names the field that is wrong', () => {
    expect(() => defineAgent({ ...options, name: 'Payer!' })).toThrow(/name/);
  });
});
