import { z } from 'zod';
import { approvalNeeds, budgets, digest, instant, resolutionKind, runId, toolName, type RecordedCommit, type ResolutionKind, type RunEventOf } from '@holdfast/contracts';
import { callIdOf, fold, initialState, isDoubtId, isErased, standingOf, waitsFor } from '@holdfast/run';
import { PublicView, type PublicEvent } from './public-event.js';
import { planOf, runPlan } from './run-plan.js';
import { runSummary, summarise } from './run-summary.js';

export const runCall = z.object({
  callId: z.string(),
  tool: toolName,
  arguments: z.record(z.string(), z.unknown()),
  policy: z.enum(['allow', 'ask', 'deny']).optional(),
  status: z.enum(['undispatched', 'awaiting-approval', 'called', 'waiting', 'parked', 'in-doubt', 'succeeded', 'failed', 'refused']),
  reasons: z.array(z.string()).optional().describe('Why policy or a person refused it, or why it is parked.'),
  failure: z.string().optional(),
  simulated: z.object({ from: z.object({ runId, number: z.int() }).optional().describe('The commit that holds what it came to there; absent where nothing is recorded and the result is made up.') }).optional().describe('Of a run whose effects are simulated: no tool was asked to make the call.'),
});

/** What became of one call. */
export type RunCall = z.infer<typeof runCall>;

const approval = z.object({
  approvalId: z.string(),
  callId: z.string(),
  tool: toolName,
  arguments: z.record(z.string(), z.unknown()),
  reasons: z.array(z.string()),
  requestedAt: instant,
  commit: z.int(),
  expiresAt: instant,
  risk: z.object({ score: z.number(), factors: z.array(z.string()) }).optional(),
  origins: z.array(z.record(z.string(), z.unknown())).optional().describe('Where each argument came from, as policy found it in the log.'),
  needs: approvalNeeds.optional().describe('Who has to agree; one person of any role when left out.'),
  counted: z.object({ by: z.string(), comment: z.string(), at: instant }).optional().describe('The first of two people, who has agreed.'),
  escalatedTo: z.array(z.string()).optional().describe('Roles that may answer as well, since nobody had.'),
  answer: z.object({ answer: z.enum(['approved', 'rejected', 'expired', 'edited', 'endorsed', ...resolutionKind.options]).describe('Of a call in doubt, what a person found out.'), by: z.string(), comment: z.string(), at: instant }).optional(),
});
export type RunApproval = z.infer<typeof approval>;
export const runApproval = approval;

/** A run as its folded state tells it. */
export const runDetail = runSummary.extend({
  task: z.record(z.string(), z.unknown()),
  agentDigest: digest,
  budgets,
  plan: runPlan.optional().describe('Of a run whose agent plans first, once it has a plan: nothing that it does not name is called.'),
  stepsTaken: z.array(z.object({ commit: z.int(), at: instant, text: z.string(), calls: z.array(runCall) })),
  approvals: z.array(approval),
  timers: z.record(z.string(), instant),
  paused: z.boolean(),
  standing: z.enum(['unborn', 'planning', 'awaiting-policy', 'awaiting-approval', 'calling', 'waiting', 'parked', 'in-doubt', 'compensating', 'paused', 'ended']).describe('Where the run stands; where several things are so, what a person would want to know first.'),
  waitsFor: z.array(z.looseObject({ for: z.enum(['task', 'planner', 'policy', 'approval', 'adapter', 'time', 'signal', 'child', 'word', 'contract', 'resume']) })).describe('Everything that the run waits for, by the name under which it can be found; empty once it has ended.'),
  undone: z.object({ done: z.array(z.string()), failed: z.array(z.object({ callId: z.string(), tool: toolName, reason: z.string() })) }).describe('What an abort has undone so far, and what it could not.'),
  headHash: digest,
});
export type RunDetail = z.infer<typeof runDetail>;

/** Tells a run from its whole history, which must not be empty. Secrets and permits are left out; `view` knows those of the runs at which it began. */
export function tellRun(history: readonly RecordedCommit[], view = new PublicView()): RunDetail {
  const first = history[0]?.commit;
  const last = history.at(-1)?.commit;
  const state = fold(history.map((recorded) => recorded.commit), initialState);
  if (first === undefined || last === undefined || state.phase === 'unborn') throw new TypeError('a run without a commit cannot be told');
  const events = history.flatMap((recorded) => view.events(recorded.commit));
  const begun = events.find((entry) => entry.event.type === 'task-accepted' || entry.event.type === 'run-forked')?.event;
  const plan = planOf(state, events);
  return {
    ...summarise(first.runId, state, first.at, last.at, view),
    goal: view.scrubText(state.task.goal),
    ...(state.phase === 'ended' && state.answer !== undefined ? { answer: view.scrubText(state.answer) } : {}),
    task: (isErased(state) ? state.task : view.scrub(begun?.['task'])) as Record<string, unknown>,
    agentDigest: state.agent.digest,
    budgets: state.budgets,
    ...(plan === undefined ? {} : { plan }),
    stepsTaken: stepsOf(events),
    approvals: [...approvalsOf(events)],
    timers: { ...state.timers },
    paused: state.paused,
    standing: standingOf(state),
    waitsFor: waitsFor(state).map((awaited) => ({ ...awaited })),
    undone: { done: [...state.undone.done], failed: state.undone.failed.map((one) => ({ ...one, reason: view.scrubText(one.reason) })) },
    headHash: last.hash,
  };
}

/** Every approval that the run has asked for, with its answer where it has one. */
export function approvalsOf(events: readonly PublicEvent[]): readonly RunApproval[] {
  const found = new Map<string, RunApproval>();
  const verdicts = new Map<string, { risk: RunApproval['risk']; origins: RunApproval['origins'] }>();
  for (const { event, at, commit } of events) {
    if (event.type === 'policy-checked') {
      const { callId, risk, origins } = event['verdict'] as { callId: string; risk: RunApproval['risk']; origins: RunApproval['origins'] };
      verdicts.set(callId, { risk, origins });
    } else if (event.type === 'approval-requested') {
      const { approvalId, callId, tool, arguments: given, reasons, expiresAt, needs } = event as unknown as RunApproval;
      found.set(approvalId, { approvalId, callId, tool, arguments: given, reasons, expiresAt, requestedAt: at, commit, ...verdicts.get(callId), ...(needs === undefined ? {} : { needs }) });
    } else if (event.type === 'approval-counted' || event.type === 'approval-escalated') {
      const { approvalId, by, comment, roles } = event as unknown as { approvalId: string; by: string; comment: string; roles: string[] };
      const asked = found.get(approvalId);
      if (asked !== undefined) found.set(approvalId, { ...asked, ...(event.type === 'approval-counted' ? { counted: { by, comment, at } } : { escalatedTo: roles }) });
    } else if (event.type === 'approval-answered') {
      const { approvalId, answer, by, comment } = event as unknown as { approvalId: string; answer: RunEventOf<'approval-answered'>['answer']; by: string; comment: string };
      const asked = found.get(approvalId);
      if (asked !== undefined) found.set(approvalId, { ...asked, answer: { answer, by, comment, at } });
    } else if (event.type === 'doubt-resolved') {
      const { approvalId, resolution, by, comment } = event as unknown as { approvalId: string; resolution: ResolutionKind; by: string; comment: string };
      const asked = found.get(approvalId);
      if (asked !== undefined) found.set(approvalId, { ...asked, answer: { answer: resolution, by, comment, at } });
    }
  }
  return [...found.values()];
}

/** A proposal with what became of its calls. */
export interface RunStep {
  readonly commit: number;
  readonly at: number;
  readonly text: string;
  readonly calls: RunCall[];
}

/** Proposals in order, each with what became of its calls. */
export function stepsOf(events: readonly PublicEvent[]): RunStep[] {
  const steps: RunStep[] = [];
  const calls = new Map<string, RunCall>();
  for (const { event, at, commit } of events) {
    if (event.type === 'decision-made') {
      const { basis, text, requests } = event['proposal'] as { basis: number; text: string; requests: readonly { tool: string; arguments: Record<string, unknown> }[] };
      const made = requests.map((request, index): RunCall => ({ callId: callIdOf(basis, index), tool: request.tool, arguments: request.arguments, status: 'undispatched' }));
      for (const one of made) calls.set(one.callId, one);
      steps.push({ commit, at, text, calls: made });
      continue;
    }
    if (event.type === 'compensation-asked') {
      // What undoes a call is told in a step of its own, since no decision of the planner asked for it.
      const { callId, compensates, tool, arguments: given } = event as unknown as { callId: string; compensates: string; tool: string; arguments: Record<string, unknown> };
      const undoing: RunCall = { callId, tool, arguments: given, status: 'undispatched' };
      calls.set(callId, undoing);
      steps.push({ commit, at, text: `Undoes ${compensates}.`, calls: [undoing] });
      continue;
    }
    const callId = event.type === 'policy-checked' ? (event['verdict'] as { callId: string }).callId : event['callId'];
    const known = typeof callId === 'string' ? calls.get(callId) : undefined;
    if (known !== undefined) Object.assign(known, changeOf(event));
  }
  return steps;
}

function changeOf(event: PublicEvent['event']): Partial<RunCall> {
  switch (event.type) {
    case 'policy-checked':
      return { policy: (event['verdict'] as { outcome: RunCall['policy'] }).outcome };
    case 'tool-called':
      return { status: 'called' };
    case 'call-simulated':
      return { simulated: event['from'] === undefined ? {} : { from: event['from'] as NonNullable<RunCall['simulated']>['from'] } };
    case 'wait-begun':
      return { status: 'waiting' };
    case 'approval-requested':
      return isDoubtId(String(event['approvalId'])) ? {} : { status: 'awaiting-approval' };
    case 'approval-answered':
      return ['approved', 'edited', 'endorsed'].includes(String(event['answer'])) ? { status: 'undispatched' } : {};
    case 'doubt-resolved':
      return { status: 'called' };
    case 'call-parked':
      return { status: 'parked', reasons: [String(event['reason'])] };
    case 'call-released':
      return { status: 'undispatched', reasons: [], failure: undefined };
    case 'call-refused':
      return { status: 'refused', reasons: event['reasons'] as string[] };
    case 'tool-returned': {
      const outcome = event['outcome'] as { status: 'succeeded' | 'failed' | 'in-doubt'; failure?: { message: string } };
      return { status: outcome.status, ...(outcome.failure === undefined ? {} : { failure: outcome.failure.message }) };
    }
    default:
      return {};
  }
}
