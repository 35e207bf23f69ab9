import { describe, expect, it } from '@jest/globals';
import type { AgentDeclaration } from '@holdfast/contracts';
import { AnswerCheck } from './answer-check.js';

const agent = { name: 'payer', digest: 'd'.repeat(64), outputSchema: { type: 'object', properties: { paid: { type: 'boolean' } }, required: ['paid'], additionalProperties: false } } as unknown as AgentDeclaration;

describe('the form of an answer', () => {
  it('is the schema of the version that the run began with, or any text without one', () => {
    const check = new AnswerCheck();
    expect(check.misfitOf(agent, '{"paid":true}')).toBeUndefined();
    expect(check.misfitOf(agent, 'It is paid.')).toBe('it is not JSON');
    expect(check.misfitOf(agent, '{"paid":"yes"}')).toContain('paid');
    const { outputSchema: _none, ...free } = agent;
    expect(check.misfitOf(free as AgentDeclaration, 'It is paid.')).toBeUndefined();
    expect(check.misfitOf({ ...agent, digest: 'e'.repeat(64), outputSchema: { type: 'string' } }, '{"paid":true}')).toContain('string');
  });
});
