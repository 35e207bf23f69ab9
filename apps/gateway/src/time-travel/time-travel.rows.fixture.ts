import { READS, type Refused, type Row } from '../matrix/row.fixture.js';

const beyond = (query: Refused['ask']['query']): Refused => ({ what: 'a commit that there is not', ask: { query: query ?? {} }, code: 'run.commit-unknown' });
const one: Row = { ask: async (world) => ({ path: { runId: await world.run() } }), elsewhere: 'run.unknown', again: 'same', conflict: READS };

export const timeTravelRows: Readonly<Record<string, Row>> = {
  getRunState: { ...one, malformed: [beyond({ at: '99' }), { what: 'a commit that is no number', ask: { query: { at: 'last' } }, code: 'request.invalid' }] },
  getRunDifference: { ...one, ask: async (world) => ({ path: { runId: await world.run() }, query: { from: '2', to: '4' } }), malformed: [beyond({ to: '99' }), { what: 'a commit before the first', ask: { query: { from: '0' } }, code: 'request.invalid' }] },
  compareRun: { ...one, ask: async (world) => ({ path: { runId: await world.run() }, query: { with: await world.run() } }), malformed: [{ what: 'a run that there is not', ask: { query: { with: 'nobody' } }, code: 'run.unknown' }] },
};
