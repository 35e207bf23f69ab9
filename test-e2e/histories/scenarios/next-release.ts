import type { ToolOutcome } from '@holdfast/contracts';
import type { EarlierRuns, ForkOrigin, JudgedCall } from '@holdfast/run';
import { record, type Scenario, type Step } from '../history.ts';
import { after, approval, child, control, crashAfter, dispatch, down, forTwo, found, judged, lost, lostWith, mayBeRetried, paid, parked, payer, plan, release, resolution, returned, signal, stalled, step, task, timer, word } from './facts.ts';

const booked: ToolOutcome = { status: 'succeeded', result: { reservation: { id: 'res-1' } }, replayed: false, attempts: [] };
const handOn = { type: 'com.example.check', goal: 'Check invoice 7.', input: { invoice: 7 } };

/** The run at which another begins: what a scenario amounts to. */
function originOf(steps: readonly Step[], hasEnded: boolean): ForkOrigin {
  const { state, commits } = record('current', { name: 'origin', says: '', steps });
  return { state, hash: commits.at(-1)?.hash ?? '', hasEnded, labels: { goal: { trust: 'user', secrecy: 'internal', source: 'task.goal' } } };
}

const beginAt = (mode: 'fork' | 'retry', number: number, origin?: ForkOrigin): Step => step({
  at: after(5_000), agent: payer, ...(origin === undefined ? {} : { origin }), fact: { kind: 'fork', id: `fork:${mode}:${number}`, mode, origin: { runId: 'r1', number }, by: 'otto', reason: 'the bank was down' },
});

/** The same, of which nothing is really done. */
function simulated({ input }: Step): Step {
  return step({ ...input, fact: { ...input.fact, effects: 'simulated' } } as never);
}

/** The proposal, where the log of the origin holds what came of this call. */
function withRecord({ input }: Step, callId: string): Step {
  const { judged: calls } = input as { readonly judged: readonly JudgedCall[] };
  const content = { payment: 'pay-1' };
  const recorded = { outcome: { status: 'succeeded', result: content, replayed: false, attempts: [] }, observation: { content, label: { trust: 'organisation', secrecy: 'internal', source: 'tool:pay_invoice' }, fields: {} }, from: { runId: 'r1', number: 7 } } as const;
  return step({ ...input, judged: calls.map((one) => (one.verdict.callId === callId ? { ...one, recorded } : one)) } as never);
}

/** Runs that use what has come since release 0.1.0. */
export const nextRelease: readonly Scenario[] = [
  { name: 'two-people-agree', says: 'Two people are asked, others beside them when nobody answers, and the payment is sent when both have agreed.', steps: [task(), askingTwo(1, 2), timer('e-a-c1-1', 122), word('ada', 130, {}), word('ada', 131, {}), word('otto', 140, { comment: 'fine' }), dispatch(5, 141, judged('c1-1', 'pay_invoice', 'allow')), returned('c1-1', 143, paid), plan(7, 150)] },
  { name: 'edited-and-endorsed', says: 'One person changes a call, another vouches for its invoice; it is judged anew each time.', steps: [task(), plan(1, 2, ['pay_invoice', 'ask']), word('ada', 60, { answer: 'edited', arguments: { invoice: '7', amount: 100 } }), dispatch(3, 61, judged('c1-1', 'pay_invoice', 'ask')), word('otto', 70, { answer: 'endorsed', endorse: ['invoice'] }, 'a2-c1-1'), dispatch(5, 71, judged('c1-1', 'pay_invoice', 'allow')), returned('c1-1', 73, paid), plan(7, 80)] },
  { name: 'waits-for-a-time', says: 'The planner waits for a minute and goes on.', steps: [task(), plan(1, 2, ['holdfast_wait', 'allow', { seconds: 60 }]), timer('w-c1-1', 62), timer('w-c1-1', 62), plan(3, 63)] },
  { name: 'waits-in-vain', says: 'A signal does not come in time; a wait beyond the deadline is refused.', steps: [task(), plan(1, 2, ['holdfast_wait_signal', 'allow', { name: 'go', timeoutSeconds: 60 }]), timer('w-c1-1', 62), plan(3, 63, ['holdfast_wait', 'allow', { seconds: 7_200 }]), plan(4, 65)] },
  { name: 'waits-for-a-signal', says: 'One signal comes while the run waits, another while the model thinks.', steps: [task(), plan(1, 2, ['holdfast_wait_signal', 'allow', { name: 'go' }]), signal('go', 30, { by: 'noon' }), signal('stop', 31), plan(3, 32, ['holdfast_wait_signal', 'allow', { name: 'stop' }]), plan(5, 33)] },
  { name: 'hands-work-on', says: 'Two runs are started, with a crash in between; one answers, the other fails.', steps: [task(), crashAfter(1, plan(1, 2, ['holdfast_start_run', 'allow', handOn], ['holdfast_start_run', 'allow', { ...handOn, maxSteps: 1 }])), dispatch(2, 3, judged('c1-2', 'holdfast_start_run', 'allow')), child('c1-1', 40, 'completed', 'It is right.'), child('c1-2', 50, 'failed'), child('c1-2', 51, 'failed'), plan(5, 52)] },
  { name: 'is-a-run-that-another-started', says: 'It gets what is left of the other\'s budgets and tells its end.', steps: [childTask(), plan(1, 2)] },
  { name: 'cancelled-while-others-work-for-it', says: 'What waits is refused, and the run that was started is asked to end first.', steps: [task(), plan(1, 2, ['holdfast_start_run', 'allow', handOn], ['holdfast_wait', 'allow', { seconds: 60 }]), control('cancel', 5), child('c1-1', 7, 'cancelled')] },
  {
    name: 'aborted-and-undone', says: 'Two reservations are made and undone in reverse order; one cannot be undone.',
    steps: [
      task(), plan(1, 2, ['reserve', 'allow']), returned('c1-1', 3, booked), plan(3, 4, ['reserve', 'allow']), returned('c3-1', 5, booked), control('abort', 6, 'ordered twice'), control('abort', 7), control('cancel', 8),
      dispatch(6, 9, judged('undo-c3-1', 'release', 'allow')), returned('undo-c3-1', 10, paid), dispatch(8, 11, judged('undo-c1-1', 'release', 'allow')), returned('undo-c1-1', 12, down),
    ],
  },
  {
    name: 'aborted-with-a-call-out', says: 'The call is accounted for and undone, though the ledger replayed it and a person has to agree.',
    steps: [task(), plan(1, 2, ['reserve', 'allow']), control('abort', 3), returned('c1-1', 4, { ...booked, replayed: true }), dispatch(4, 5, judged('undo-c1-1', 'release', 'allow')), approval('a-undo-c1-1', 60, 'approved'), dispatch(6, 61, judged('undo-c1-1', 'release', 'allow')), returned('undo-c1-1', 62, lost), approval('doubt-undo-c1-1', 90, 'approved')],
  },
  {
    name: 'resolved-and-it-happened', says: 'A person says that the payment happened; the first result that is given cannot be used.',
    steps: [task(), plan(1, 2, ['pay_invoice', 'allow']), returned('c1-1', 3, lostWith(31), 2), resolution('c1-1', 60, 'happened', 'paid'), returned('c1-1', 61, lostWith(31), 4), resolution('c1-1', 62, 'happened', { payment: 'pay-1' }), resolution('c1-1', 63, 'retry'), returned('c1-1', 64, { ...paid, replayed: true } as ToolOutcome, 6), plan(7, 65)],
  },
  {
    name: 'resolved-and-tried-again', says: 'A person lets a transfer in doubt be tried again, and it is paid for once; what the first dispatch says late counts for nothing.',
    steps: [
      task('Pay invoice 7.', { maxAmount: 150_000 }), plan(1, 2, ['transfer', 'allow', { amount: 100_000 }]), returned('c1-1', 3, lostWith(31), 2), resolution('c1-1', 60, 'retry'), returned('c1-1', 61, mayBeRetried, 4),
      dispatch(5, 62, judged('c1-1', 'transfer', 'allow')), returned('c1-1', 63, down, 2), returned('c1-1', 63, paid, 6), plan(7, 64),
    ],
  },
  { name: 'resolved-while-cancelled', says: 'A cancelled run waits for the word and for what the ledger makes of it, and tries nothing again.', steps: [task(), plan(1, 2, ['pay_invoice', 'allow']), returned('c1-1', 3, lostWith(31), 2), control('cancel', 5), resolution('c1-1', 60, 'retry'), returned('c1-1', 61, mayBeRetried, 5)] },
  {
    name: 'parked-and-released', says: 'The tool is quarantined; a person accepts its new contract, and policy asks another before it allows the call.',
    steps: [task(), plan(1, 2, ['pay_invoice', 'allow']), parked('c1-1', 3, 2), parked('c1-1', 4, 2), release('c1-1', 50, 16), release('c1-1', 60), dispatch(4, 61, judged('c1-1', 'pay_invoice', 'ask')), approval('a-c1-1', 70, 'approved'), dispatch(6, 71, judged('c1-1', 'pay_invoice', 'allow')), returned('c1-1', 72, paid, 7), plan(8, 73)],
  },
  { name: 'parked-and-cancelled', says: 'A parked call is refused at once, since nobody has it.', steps: [task(), plan(1, 2, ['transfer', 'allow', { amount: 100_000 }]), parked('c1-1', 3, 2), control('cancel', 5)] },
  { name: 'given-up-by-the-agent', says: 'The agent aborts; one reservation is undone after its undoing was parked, and the run has failed.', steps: [task(), plan(1, 2, ['reserve', 'allow']), returned('c1-1', 3, booked), plan(3, 4, ['find_order', 'allow'], ['holdfast_abort', 'allow', { reason: 'The order was withdrawn.' }]), dispatch(4, 5, judged('undo-c1-1', 'release', 'allow')), parked('undo-c1-1', 6, 5), release('undo-c1-1', 60), dispatch(7, 61, judged('undo-c1-1', 'release', 'allow')), returned('undo-c1-1', 62, paid, 8)] },
  { name: 'out-of-tokens-and-money', says: 'A payment is beyond the purse; the next proposal is beyond the tokens.', steps: [task('Pay invoice 7.', { maxTokens: 500, maxAmount: 150_000 }), plan(1, 2, ['transfer', 'allow', { amount: 100_000 }]), returned('c1-1', 3, paid), plan(3, 4, ['transfer', 'allow', { amount: 60_000 }]), plan(4, 5, ['find_order', 'allow'])] },
  { name: 'goes-in-circles', says: 'The agent asks for the same again and again, is told so, and its run is ended.', steps: [task('Pay invoice 7.', { maxSteps: 6 }), ...[1, 2, 3, 4, 5].map((basis) => plan(basis, basis + 1, ['find_order', 'deny']))] },
  { name: 'summed-up', says: 'Earlier steps are shown as a summary from the third decision on; a second one that reaches no further is passed over.', steps: [task(), plan(1, 2, ['find_order', 'allow']), returned('c1-1', 3, found), summingUp(plan(3, 4, ['find_order', 'deny']), 2), summingUp(plan(4, 5), 2)] },
  { name: 'without-a-model', says: 'No model answers, for two reasons, each told once; the first step is decided after all, and at the second the deadline ends the run.', steps: [task(), stalled(1, 2, 'model.rate-limited'), stalled(1, 3, 'model.rate-limited'), stalled(1, 4, 'model.refused'), plan(1, 5, ['find_order', 'deny']), stalled(1, 6, 'model.timeout'), stalled(2, 7, 'model.silent'), timer('deadline', 3_600)] },
  { name: 'forked', says: 'Another way is tried from where a call was out; nothing of it is sent again.', steps: [beginAt('fork', 2, originOf([task(), plan(1, 2, ['pay_invoice', 'allow'], ['find_order', 'ask'])], false)), beginAt('fork', 2, originOf([task()], false)), plan(1, 5_002)] },
  {
    name: 'tried-without-effects', says: 'Another way is tried of which nothing is really done: one call has what the log holds of it, others are made up, a read is real, and a person is asked.',
    steps: [
      simulated(beginAt('fork', 2, originOf([task(), plan(1, 2, ['find_order', 'allow'])], false))), withRecord(plan(1, 5_002, ['pay_invoice', 'allow'], ['transfer', 'allow', { amount: 100_000 }]), 'c1-1'), plan(2, 5_003, ['find_order', 'allow']), returned('c2-1', 5_004, found),
      plan(4, 5_005, ['pay_invoice', 'ask']), approval('a-c4-1', 5_006, 'approved'), dispatch(6, 5_007, judged('c4-1', 'pay_invoice', 'allow')), control('abort', 5_008),
    ],
  },
  { name: 'retried', says: 'A run that failed is carried on with, and what it had done can still be undone.', steps: [beginAt('retry', 3), beginAt('retry', 4, originOf([task(), plan(1, 2, ['reserve', 'allow']), returned('c1-1', 3, booked)], false)), beginAt('retry', 4, originOf([task(), plan(1, 2, ['reserve', 'allow']), returned('c1-1', 3, booked), timer('deadline', 3_600)], true)), plan(1, 5_002, ['find_order', 'allow']), returned('c1-1', 5_003, found), control('abort', 5_004), dispatch(4, 5_005, judged('undo-o-c1-1', 'release', 'deny'))] },
  { name: 'goes-on-with-a-thread', says: 'The second run of a thread is shown what was asked and answered before.', steps: [inThread(earlierIn('t1')), plan(1, 2)] },
  { name: 'planned-first', says: 'The first plan is none, the second stands; a call goes by it, and a third plan is refused where one more was allowed.', steps: [plannedTask(), planning(1, 2, 'Look it up.'), planning(2, 3, planOf(['find_order'], ['pay_invoice'])), plan(3, 4, ['find_order', 'allow']), returned('c3-1', 5, found), planning(5, 6, planOf(['pay_invoice'])), planning(6, 7, planOf(['find_order'])), plan(7, 8)] },
];

function plannedTask(): Step {
  const { input } = task('Pay invoice 7.', { maxSteps: 9 }) as Step & { readonly input: { readonly agent: object } };
  return step({ ...input, agent: { ...input.agent, strategy: 'plan-then-execute' } } as never);
}

function planOf(...steps: readonly (readonly string[])[]): string {
  return JSON.stringify({ steps: steps.map((tools) => ({ intention: `use ${tools.join(' and ')}`, tools })) });
}

/** A proposal that brings a plan in the place of calls and of an answer. */
function planning(basis: number, at: number, made: string): Step {
  const { input } = plan(basis, at) as Step & { readonly input: { readonly fact: { readonly proposal: { readonly answer?: string; readonly model: object } } } };
  const { answer: _none, ...proposal } = input.fact.proposal;
  return step({ ...input, fact: { ...input.fact, proposal: { ...proposal, text: '', plan: made, model: { ...proposal.model, toolsShown: ['find_order', 'pay_invoice'] } } } } as never);
}

/** The task as one of a thread, with the runs that came before it. */
function inThread(earlier?: EarlierRuns): Step {
  const { input } = task() as Step & { readonly input: { readonly fact: { readonly event: object } } };
  return step({ ...input, ...(earlier === undefined ? {} : { earlier }), fact: { ...input.fact, event: { ...input.fact.event, thread: 't1' } } } as never);
}

function earlierIn(runId: string): EarlierRuns {
  const { state, commits } = record('current', { name: 'earlier', says: '', steps: [inThread(), plan(1, 2)] });
  return { runs: [{ runId, state, hash: commits.at(-1)?.hash ?? '' }], omitted: 0 };
}

/** The proposal, with a summary that its planner wants to have shown from now on. */
function summingUp({ input }: Step, upTo: number): Step {
  const { fact } = input as { readonly fact: { readonly proposal: object } };
  const compaction = { upTo, summary: 'Order PO-1 was found.', by: 'model', model: { name: 'scripted', provider: 'holdfast', finishReason: 'stop', inputTokens: 90, outputTokens: 8 } };
  return step({ ...input, fact: { ...fact, proposal: { ...fact.proposal, compaction } } } as never);
}

function childTask(): Step {
  const { input } = task() as Step & { readonly input: { readonly fact: object } };
  return step({ ...input, fact: { ...input.fact, child: { parent: { runId: 'r1', callId: 'c1-1' }, labels: { goal: { trust: 'model', secrecy: 'internal', source: 'parent run' } }, budgets: { maxSteps: 2, deadlineSeconds: 600, approvalSeconds: 600, maxTokens: 1_000 } } } } as never);
}

function askingTwo(basis: number, at: number): Step {
  const asked = plan(basis, at, ['pay_invoice', 'ask']);
  return { input: { ...asked.input, judged: [forTwo(judged(`c${basis}-1`, 'pay_invoice', 'ask'))] } as Step['input'] };
}
