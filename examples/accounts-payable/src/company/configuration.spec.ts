import { describe, expect, it } from '@jest/globals';
import { readConfiguration } from './configuration.js';

describe('the company configuration', () => {
  it('takes a free port and no faults unless told otherwise', () => {
    expect(readConfiguration({ COMPANY_DATABASE: 'company.sqlite' })).toMatchObject({ database: 'company.sqlite', port: 0, faults: { faults: [] } });
    expect(readConfiguration({ COMPANY_DATABASE: 'x', COMPANY_PORT: '8123', COMPANY_FAULTS: '{"seed":7}' })).toMatchObject({ port: 8123, faults: { seed: 7 } });
  });

  it('names every variable that is wrong', () => {
    expect(() => readConfiguration({ COMPANY_PORT: 'high', COMPANY_FAULTS: 'many' })).toThrow(/COMPANY_DATABASE.*COMPANY_PORT.*COMPANY_FAULTS/);
  });
});
