import type { RunEvent } from '@holdfast/contracts';
import { READS, type Row } from '../matrix/row.fixture.js';
import type { World } from '../matrix/world.fixture.js';
import { accepted, append, called, decided, judged } from '../runs/run.fixture.js';

const given = { order: 'o-1' };
const doubt: readonly RunEvent[] = [
  { type: 'tool-returned', callId: 'c1-1', tool: 'ship', outcome: { status: 'in-doubt', attempts: [], failure: { code: 'tool.in-doubt', message: 'A worker was lost.', retryable: false, remedy: 'Look.' } } },
  { type: 'approval-requested', approvalId: 'doubt-c1-1', callId: 'c1-1', tool: 'ship', arguments: given, reasons: ['in doubt'], expiresAt: Number.MAX_SAFE_INTEGER },
];
const doubted = async (world: World): Promise<string> => `${await world.run(async (run, log) => {
  await append(log, run, 'plan', [accepted()]);
  await append(log, run, 'call.default', [decided(1, [{ tool: 'ship', arguments: given }]), judged('c1-1', 'ship', 'allow', 'fine'), called('c1-1', 'ship', given)]);
  await append(log, run, 'wait', doubt);
})}:c1-1`;

export const inDoubtRows: Readonly<Record<string, Row>> = {
  listInDoubt: { ask: async (world) => { await doubted(world); return { query: { limit: '200' } }; }, elsewhere: 'own', again: 'same', conflict: READS },
  resolveOperation: {
    ask: async (world) => ({ path: { operation: await doubted(world) }, body: { resolution: 'did-not-happen', comment: 'matrix' } }), elsewhere: 'operation.not-in-doubt', again: 'same',
    conflict: { ask: async (world) => ({ path: { operation: `${await world.run()}:c1-1` }, body: { resolution: 'retry' } }), code: 'operation.not-in-doubt' },
    malformed: [
      { what: 'a result that the tool cannot have', ask: { body: { resolution: 'happened', result: 'no object' } }, code: 'request.invalid' },
      { what: 'no result', ask: { body: { resolution: 'happened' } }, code: 'request.invalid' },
    ],
  },
};
