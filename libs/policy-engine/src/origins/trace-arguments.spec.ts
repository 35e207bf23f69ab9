import { describe, expect, it } from '@jest/globals';
import { startRunTool, type ToolContract } from '@holdfast/contracts';
import { INJECTED, REAL, catalog, runOf } from '../authorization/accounts-payable.fixture.js';
import { OriginIndex } from './origin-index.js';
import { traceArguments } from './trace-arguments.js';

const [template] = catalog.tools;
if (template === undefined) throw new Error('no tools');
const contract: ToolContract = {
  ...template, effect: 'keyed',
  input: { type: 'object', properties: { recipients: { type: 'array', items: { type: 'object', properties: { iban: {}, note: {} } } }, urgent: {}, headers: { type: 'object' } } },
  roles: { 'recipients.*.note': 'content', urgent: 'enum' },
};
const index = OriginIndex.of(runOf(`Pay ${INJECTED}; set x-forward`));
const trace = (args: Record<string, unknown>) => traceArguments(contract, args, index).map(({ argument, role, trust }) => [argument, role, trust]);

describe('traced arguments', () => {
  it('are sinks where the contract gives them no role, at any depth', () => {
    expect(trace({ recipients: [{ iban: REAL }, { iban: INJECTED }] })).toEqual([['recipients.0.iban', 'sink', 'endorsed'], ['recipients.1.iban', 'sink', 'third-party']]);
  });

  it('take the role of the nearest declared path, and content brings its addresses as sinks', () => {
    expect(trace({ recipients: [{ note: `see ${INJECTED}` }] })).toEqual([['recipients.0.note', 'content', 'third-party'], [`recipients.0.note (bank account ${INJECTED})`, 'sink', 'third-party']]);
  });

  it('include the names of members that the schema does not declare', () => {
    expect(trace({ headers: { 'x-forward': 'po-7046' } })).toEqual([['headers.x-forward', 'sink', 'user'], ['headers.x-forward', 'sink', 'third-party']]);
  });

  it('of a task for another run keep what the model wrote apart from the names that it gave to it', () => {
    const index = OriginIndex.of(runOf(`Take ${INJECTED}.`, 'File this invoice.'));
    const traced = traceArguments(startRunTool, { type: 't', goal: 'Go on.', input: { invoice: INJECTED } }, index);
    expect(traced.filter(({ argument }) => argument === 'input.invoice').map(({ trust }) => trust).toSorted()).toEqual(['third-party', 'user']);
  });

  it('count truth values as the model\'s own unless they are declared a choice', () => {
    expect(trace({ urgent: true, other: false })).toEqual([['urgent', 'enum', 'model'], ['other', 'sink', 'model'], ['other', 'sink', 'model']]);
  });
});
