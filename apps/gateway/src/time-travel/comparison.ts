import { z } from 'zod';
import { canonicalJson, digest, instant, reading, runId, spentOn, usage, type Label, type ModelCall, type RunEventOf } from '@holdfast/contracts';
import { fold, initialState } from '@holdfast/run';
import { viewOf, type Ancestor } from '../runs/lineage.js';
import { PublicView, type PublicEvent } from '../runs/public-event.js';
import { runCall, stepsOf, type RunCall, type RunStep } from '../runs/run-detail.js';
import { runStatus, statusOf } from '../runs/run-summary.js';

const comparedCall = runCall.extend({
  result: z.unknown().optional().describe('What the tool gave back.'),
  label: reading.optional().describe('What that is worth.'),
});

const comparedStep = z.object({
  runId: runId.describe('Whose commit it is: the run\'s own, or that of one at which it began.'),
  commit: z.int(),
  at: instant,
  text: z.string().describe('What the model said.'),
  answer: z.string().optional(),
  model: z.string().optional(),
  tokens: z.int().optional(),
  costMicros: z.int().optional().describe('What the model cost, in millionths of a currency\'s unit; absent where no price was known.'),
  calls: z.array(comparedCall),
});
export type ComparedStep = z.infer<typeof comparedStep>;

const side = z.object({
  runId,
  agent: z.object({ name: z.string(), digest }),
  status: runStatus,
  origin: z.object({ runId, number: z.int() }).optional().describe('Where it began.'),
  commits: z.int(),
  used: usage.describe('By this run alone; what the runs used at which it began is theirs.'),
  answer: z.string().optional(),
  reason: z.string().optional(),
});

/** In what two steps differ: what the model asked for or answered, what policy said, or what became of the calls. */
const difference = z.enum(['decision', 'verdicts', 'outcomes']);

/** Two runs beside each other, step by step. */
export const runComparison = z.object({
  left: side,
  right: side,
  shared: z.int().describe('How many steps are the very same commits of a run at which both began, or of one at which the other began.'),
  diverges: z.int().optional().describe('The place in `steps`, from 0, of the first that differs; absent where none does.'),
  steps: z.array(z.object({
    shared: z.boolean().describe('True where both are the same commits; told on the left then.'),
    differs: z.array(difference),
    left: comparedStep.optional(),
    right: comparedStep.optional(),
  })).describe('The n-th step of the one beside the n-th of the other; where one has no more, its side is absent.'),
});
export type RunComparison = z.infer<typeof runComparison>;
type Differences = z.infer<typeof difference>[];

/** Compares two runs, each with those at which it began. Secrets of either are left out of both. */
export function compareRuns(left: readonly Ancestor[], right: readonly Ancestor[]): RunComparison {
  const view = viewOf(right, viewOf(left));
  const [lefts, rights] = [stepsIn(left, view), stepsIn(right, view)];
  const steps = Array.from({ length: Math.max(lefts.length, rights.length) }, (_, at) => besides(lefts[at], rights[at]));
  const diverges = steps.findIndex(({ differs, left: one, right: other, shared }) => differs.length > 0 || (!shared && (one === undefined || other === undefined)));
  const shared = steps.findIndex((step) => !step.shared);
  return { left: sideOf(left, view), right: sideOf(right, view), shared: shared < 0 ? steps.length : shared, ...(diverges < 0 ? {} : { diverges }), steps };
}

function besides(left: ComparedStep | undefined, right: ComparedStep | undefined): RunComparison['steps'][number] {
  if (left === undefined || right === undefined) return { shared: false, differs: [], ...(left === undefined ? {} : { left }), ...(right === undefined ? {} : { right }) };
  const differs = differencesOf(left, right);
  const isSame = left.runId === right.runId && left.commit === right.commit && differs.length === 0;
  return isSame ? { shared: true, differs, left } : { shared: false, differs, left, right };
}

function differencesOf(left: ComparedStep, right: ComparedStep): Differences {
  const isOther = (told: (step: ComparedStep) => unknown): boolean => canonicalJson(told(left)) !== canonicalJson(told(right));
  return [
    ...(isOther(({ answer, calls }) => ({ ...(answer === undefined ? {} : { answer }), calls: calls.map(({ tool, arguments: given }) => ({ tool, arguments: given })) })) ? ['decision' as const] : []),
    ...(isOther(({ calls }) => calls.map(({ policy }) => policy ?? '')) ? ['verdicts' as const] : []),
    ...(isOther(({ calls }) => calls.map(({ status, result, failure }) => ({ status, ...(result === undefined ? {} : { result }), ...(failure === undefined ? {} : { failure }) }))) ? ['outcomes' as const] : []),
  ];
}

function stepsIn(lineage: readonly Ancestor[], view: PublicView): readonly ComparedStep[] {
  const steps: ComparedStep[] = [];
  for (const { runId: run, history } of lineage) {
    const events = history.flatMap(({ commit }) => view.events(commit));
    const forked = events.find(({ event }) => event.type === 'run-forked')?.event;
    if (forked !== undefined) leaveOpen(steps.at(-1), forked['unsettled'] as RunEventOf<'run-forked'>['unsettled']);
    steps.push(...stepsOf(events).map((step) => told(run, step, events)));
  }
  return steps;
}

/** What the origin had under way when it was left is not the fork's any more: the fork's model was told why. */
function leaveOpen(step: ComparedStep | undefined, unsettled: RunEventOf<'run-forked'>['unsettled']): void {
  if (step === undefined) return;
  step.calls = step.calls.map((call) => {
    const left = unsettled.find(({ callId }) => callId === call.callId);
    return left === undefined ? call : { ...call, reasons: [left.reason] };
  });
}

function told(run: string, { commit, at, text, calls }: RunStep, events: readonly PublicEvent[]): ComparedStep {
  const decision = events.find((entry) => entry.commit === commit && entry.event.type === 'decision-made')?.event['proposal'] as { readonly answer?: string; readonly model: ModelCall } | undefined;
  return {
    runId: run, commit, at, text, ...(decision?.answer === undefined ? {} : { answer: decision.answer }),
    ...(decision === undefined ? {} : { model: decision.model.name, ...spentOn(decision.model) }),
    calls: calls.map((call) => ({ ...call, ...resultOf(call, events) })),
  };
}

function resultOf({ callId }: RunCall, events: readonly PublicEvent[]): Pick<z.infer<typeof comparedCall>, 'result' | 'label'> {
  const about = (type: string): PublicEvent['event'] | undefined => events.findLast(({ event }) => event.type === type && event['callId'] === callId)?.event;
  const outcome = about('tool-returned')?.['outcome'] as { readonly result?: unknown } | undefined;
  const label = about('observation-recorded')?.['label'] as Label | undefined;
  return { ...(outcome?.result === undefined ? {} : { result: outcome.result }), ...(label === undefined ? {} : { label: { trust: label.trust, secrecy: label.secrecy } }) };
}

function sideOf(lineage: readonly Ancestor[], view: PublicView): RunComparison['left'] {
  const { runId: run, history } = lineage.at(-1) ?? { runId: '', history: [] };
  const state = fold(history.map(({ commit }) => commit), initialState);
  if (state.phase === 'unborn') throw new TypeError('a run without a commit cannot be compared');
  const { agent, origin, steps, spent, used } = state;
  // The purse of a fork begins with what its origin had spent.
  const amount = spent.amount - (history[0]?.commit.events.find((event) => event.type === 'run-forked')?.amount ?? 0);
  return {
    runId: run, agent: { ...agent }, status: statusOf(state), ...(origin === undefined ? {} : { origin: { runId: origin.runId, number: origin.number } }), commits: state.head,
    used: { steps, ...spent, amount, ...(used === undefined ? {} : { tools: used }) },
    ...(state.phase === 'ended' ? { reason: view.scrubText(state.reason), ...(state.answer === undefined ? {} : { answer: view.scrubText(state.answer) }) } : {}),
  };
}
