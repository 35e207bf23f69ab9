import { askPersonTool } from '@holdfast/contracts';
import { READS, type Asked, type Row } from '../matrix/row.fixture.js';
import type { World } from '../matrix/world.fixture.js';
import { accepted, append, decided, judged, returned } from '../runs/run.fixture.js';

const question = { for: 'signal' as const, name: 'answer-c1-1', question: { text: 'Which account?', choices: ['DE1', 'DE2'] } };

const asking = (world: World, isAnswered = false): Promise<string> => world.run(async (run, log) => {
  const tool = askPersonTool.name;
  await append(log, run, 'plan', [accepted()]);
  await append(log, run, 'wait', [decided(1, [{ tool, arguments: {} }]), judged('c1-1', tool, 'allow', 'fine'), { type: 'wait-begun', callId: 'c1-1', tool, wait: question }]);
  if (isAnswered) await append(log, run, 'plan', returned('c1-1', tool, 'DE1'));
});
const paused = (world: World): Promise<string> => world.run(async (run, log) => {
  await append(log, run, 'plan', [accepted()]);
  await append(log, run, 'wait', [{ type: 'run-paused', by: 'otto', reason: '' }]);
});

const once = { 'idempotency-key': 'once' };
/** What steers a run: `on` makes one that it can be said of, and `not` one that it cannot. */
const control = (on: (world: World) => Promise<string>, not: (world: World) => Promise<string>, code: string): Row => ({
  ask: async (world) => ({ path: { runId: await on(world) }, body: { reason: 'matrix' }, headers: once }), elsewhere: 'run.unknown', again: 'same',
  conflict: { ask: async (world): Promise<Asked> => ({ path: { runId: await not(world) }, body: {} }), code },
  malformed: [
    { what: 'a key with a blank', ask: { headers: { 'idempotency-key': 'a b' } }, code: 'request.invalid' },
    { what: 'a reason that is no text', ask: { body: { reason: 7 } }, code: 'request.invalid' },
  ],
});
const going = (world: World): Promise<string> => world.run(1);
const over = (world: World): Promise<string> => world.run(6);

const approval: Row['ask'] = async (world) => ({ path: { runId: await world.run(2), approvalId: 'a-c1-1' }, body: { answer: 'approved' } });

export const peopleRows: Readonly<Record<string, Row>> = {
  listApprovals: { ask: async (world) => { await world.run(2); return { query: { limit: '200' } }; }, elsewhere: 'own', again: 'same', conflict: READS },
  answerApproval: {
    ask: approval, elsewhere: 'run.unknown', again: 'same',
    conflict: { ask: async (world) => ({ path: { runId: await world.run(3), approvalId: 'a-c1-1' }, body: { answer: 'rejected' } }), code: 'approval.answered' },
    malformed: [
      { what: 'an answer that is none', ask: { body: { answer: 'perhaps' } }, code: 'request.invalid' },
      { what: 'an approval that there is not', ask: { path: { approvalId: 'a-c9-9' } }, code: 'approval.unknown' },
    ],
  },
  listQuestions: { ask: async (world) => { await asking(world); return { query: { limit: '200' } }; }, elsewhere: 'own', again: 'same', conflict: READS },
  answerQuestion: {
    ask: async (world) => ({ path: { runId: await asking(world), callId: 'c1-1' }, body: { answer: 'DE1' } }), elsewhere: 'run.unknown', again: 'same',
    conflict: { ask: async (world) => ({ path: { runId: await asking(world, true), callId: 'c1-1' }, body: { answer: 'DE2' } }), code: 'question.answered' },
    malformed: [
      { what: 'an answer that is not among the choices', ask: { body: { answer: 'DE3' } }, code: 'request.invalid' },
      { what: 'a question that there is not', ask: { path: { callId: 'c9-9' } }, code: 'question.unknown' },
    ],
  },
  cancelRun: control(going, over, 'run.ended'),
  abortRun: control(going, over, 'run.ended'),
  pauseRun: control(going, paused, 'run.paused'),
  resumeRun: control(paused, going, 'run.not-paused'),
  signalRun: {
    ask: async (world) => ({ path: { runId: await going(world), name: 'delivered' }, body: { at: 'noon' }, headers: once }), elsewhere: 'run.unknown', again: 'same', free: ['name'],
    conflict: { ask: async (world) => ({ path: { runId: await over(world), name: 'delivered' }, body: {} }), code: 'run.ended' },
    malformed: [
      { what: 'a payload of 70,000 letters', ask: { body: 'y'.repeat(70_000) }, code: 'task.too-large' },
      { what: 'depths', ask: { body: JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`) as unknown }, code: 'request.malformed' },
    ],
  },
};
