import { READS, type Refused, type Row } from '../matrix/row.fixture.js';

const beyond = (query: Refused['ask']['query']): Refused => ({ what: 'a commit that there is not', ask: { query: query ?? {} }, code: 'run.commit-unknown' });
const one: Row = { ask: async (world) => ({ path: { runId: await world.run() } }), elsewhere: 'run.unknown', again: 'same', conflict: READS };

export const timeTravelRows: Readonly<Record<string, Row>> = {
  getRunState: { ...one, malformed: [beyond({ at: '99' }), { what: 'a commit that is no number', ask: { query: { at: 'last' } }, code: 'request.invalid' }] },
  getRunDifference: { ...one, ask: async (world) => ({ path: { runId: await world.run() }, query: { from: '2', to: '4' } }), malformed: [beyond({ to: '99' }), { what: 'a commit before the first', ask: { query: { from: '0' } }, code: 'request.invalid' }] },
  compareRun: { ...one, ask: async (world) => ({ path: { runId: await world.run() }, query: { with: await world.run() } }), malformed: [{ what: 'a run that there is not', ask: { query: { with: 'nobody' } }, code: 'run.unknown' }] },
  forkRun: {
    ...one, ask: async (world) => ({ path: { runId: await world.run() }, body: { mode: 'fork', at: 3, reason: 'matrix' }, headers: { 'idempotency-key': 'once' } }),
    conflict: { ask: async (world) => ({ path: { runId: await world.run(1) }, body: { mode: 'retry' } }), code: 'fork.origin-runs' },
    malformed: [
      { what: 'a commit that there is not', ask: { body: { mode: 'fork', at: 99 } }, code: 'run.commit-unknown' },
      { what: 'an agent that there is not', ask: { body: { mode: 'fork', agent: 'nobody' } }, code: 'agent.unknown' },
      { what: 'a version that there is not', ask: { body: { mode: 'fork', version: 'f'.repeat(64) } }, code: 'agent.version-unknown' },
      { what: 'no mode', ask: { body: {} }, code: 'request.invalid' },
      { what: 'a key with a blank', ask: { headers: { 'idempotency-key': 'a b' } }, code: 'request.invalid' },
    ],
  },
};
