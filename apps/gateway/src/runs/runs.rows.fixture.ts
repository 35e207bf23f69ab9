import { READS, nothing, type Row } from '../matrix/row.fixture.js';

const ofRun: Row = { ask: async (world) => ({ path: { runId: await world.run() } }), elsewhere: 'run.unknown', again: 'same', conflict: READS };

export const runRows: Readonly<Record<string, Row>> = {
  listRuns: {
    ask: async (world) => { await world.run(); return { query: { limit: '200' } }; }, elsewhere: 'own', again: 'same', conflict: READS,
    malformed: [
      { what: 'a cursor that we never gave', ask: { query: { cursor: 'nonsense' } }, code: 'request.invalid' },
      { what: 'a limit of nothing', ask: { query: { limit: '0' } }, code: 'request.invalid' },
      { what: 'a status that there is not', ask: { query: { status: 'happy' } }, code: 'request.invalid' },
    ],
  },
  getRun: ofRun,
  listRunEvents: ofRun,
  streamRunEvents: { ...ofRun, ask: async (world) => ({ path: { runId: await world.run(2) } }), malformed: [{ what: 'an id that we never gave', ask: { headers: { 'last-event-id': 'nonsense' } }, code: 'request.invalid' }] },
  streamRunTokens: { ...ofRun, ask: async (world) => ({ path: { runId: await world.run(2) } }), malformed: [{ what: 'an id that we never gave', ask: { headers: { 'last-event-id': 'nonsense' } }, code: 'request.invalid' }] },
  streamRunChanges: { ask: nothing, elsewhere: 'own', again: 'same', conflict: READS },
  whyCommit: { ...ofRun, ask: async (world) => ({ path: { runId: await world.run(), commitNumber: '4' } }), malformed: [{ what: 'a commit that there is not', ask: { path: { commitNumber: '99' } }, code: 'run.commit-unknown' }] },
  whyEffect: { ...ofRun, ask: async (world) => ({ path: { runId: await world.run() }, query: { effect: 'c1-1' } }), malformed: [{ what: 'a call that there is not', ask: { query: { effect: 'c9-9' } }, code: 'run.call-unknown' }] },
};
