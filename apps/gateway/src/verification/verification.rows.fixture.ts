import { READS, type Row } from '../matrix/row.fixture.js';

export const verificationRows: Readonly<Record<string, Row>> = {
  verifyRun: { ask: async (world) => ({ path: { runId: await world.run() } }), elsewhere: 'run.unknown', again: 'same', conflict: READS },
  verifyLog: {
    ask: async (world) => { await world.run(); return {}; }, elsewhere: 'own', again: 'same', conflict: READS,
    malformed: [{ what: 'a cursor that we never gave', ask: { query: { cursor: 'nonsense' } }, code: 'request.invalid' }],
  },
};
