import { z } from 'zod';
import { approvalNeeds, budgets, digest, instant, label, parentCall, reading, runId, toolName, usage, type Label, type RecordedCommit } from '@holdfast/contracts';
import { fold, initialState, isErased, leftOf, standingOf, waitsFor } from '@holdfast/run';
import type { PublicView, PublicEvent } from '../runs/public-event.js';
import { runCall, runDetail, stepsOf } from '../runs/run-detail.js';
import { planOf, runPlan } from '../runs/run-plan.js';
import { runStatus, statusOf } from '../runs/run-summary.js';

const stateCall = runCall.omit({ callId: true }).extend({
  step: z.int().describe('The commit that decided on it.'),
  label: reading.optional().describe('What its result is worth; absent until it has one.'),
});

/**
 * A run as it stood after one of its commits. Whatever there are several of is in an object under its name and not in a list, so that
 * pointers into it (RFC 6901) stay true from one commit to the next.
 */
export const runState = z.object({
  runId,
  commit: z.int().describe('The commit after which the run stood so.'),
  hash: digest,
  at: instant.describe('When it was decided, in milliseconds since 1970.'),
  commits: z.int().describe('How many commits the run has in all.'),
  phase: z.enum(['planning', 'acting', 'ended']),
  status: runStatus,
  standing: runDetail.shape.standing,
  waitsFor: runDetail.shape.waitsFor,
  agent: z.object({ name: z.string(), digest }),
  origin: z.object({ runId, number: z.int() }).optional().describe('Where the run at which it began stood.'),
  effects: z.enum(['real', 'simulated']).describe('Whether calls that change something are really made.'),
  parent: parentCall.optional().describe('The call that started it.'),
  task: runDetail.shape.task,
  labels: z.record(z.string(), label).describe('What the task\'s fields are worth, by dotted path.'),
  read: reading.optional().describe('What everything that the model has been shown is worth together: the least trusted and the most secret of it.'),
  plan: runPlan.optional(),
  budgets,
  used: usage.describe('Of its budgets, with the runs that it started.'),
  left: z.object({ tokens: z.int().optional(), costMicros: z.int().optional(), amount: z.int().optional(), tools: budgets.shape.tools }).describe('What limits it has are left; a member is absent where nothing limits it.'),
  calls: z.record(z.string(), stateCall).describe('Every call so far, by its id.'),
  approvals: z.record(z.string(), z.object({ callId: z.string(), expiresAt: instant, needs: approvalNeeds.optional(), counted: z.string().optional() })).describe('Questions that wait for a person, by id.'),
  timers: z.record(z.string(), instant).describe('Timers that are set, by id, with their instants.'),
  signals: z.record(z.string(), z.string()).describe('Signals that the model has not been shown yet, by name, with their sender.'),
  undoable: z.record(z.string(), z.object({ tool: toolName, by: toolName })).describe('What an abort would undo, by call, and with which tool.'),
  undone: runDetail.shape.undone,
  paused: z.boolean(),
  ending: z.object({ status: z.enum(['cancelled', 'failed']), reason: z.string(), compensate: z.boolean().optional() }).optional().describe('Why it is being ended.'),
  reason: z.string().optional().describe('Why it has ended.'),
  answer: z.string().optional(),
});
export type RunStateView = z.infer<typeof runState>;

/**
 * Tells the state after commit `at` of a run, as the core folds it. `history` is the whole one up to now, which must hold that commit, and
 * `view` knows the secrets of all of it: what a later commit calls secret is left out of earlier states too, so that none can be found by going back.
 */
export function tellState(history: readonly RecordedCommit[], at: number, view: PublicView): RunStateView {
  const until = history.slice(0, at).map(({ commit }) => commit);
  const last = until.at(-1);
  const state = fold(until, initialState);
  if (last === undefined || state.phase === 'unborn') throw new TypeError('a run without a commit has no state');
  const events = until.flatMap((commit) => view.events(commit));
  const begun = events.find(({ event }) => event.type === 'task-accepted' || event.type === 'run-forked')?.event;
  const plan = planOf(state, events);
  const { steps, spent, used, origin, parent, read, winding, simulation } = state;
  const text = (value: string): string => view.scrubText(value);
  return {
    runId: last.runId, commit: last.number, hash: last.hash, at: last.at, commits: history.length,
    phase: state.phase, status: statusOf(state), standing: standingOf(state), waitsFor: waitsFor(state).map((awaited) => view.scrub(awaited) as RunStateView['waitsFor'][number]),
    agent: { ...state.agent }, ...(origin === undefined ? {} : { origin: { runId: origin.runId, number: origin.number } }), effects: simulation === undefined ? 'real' : 'simulated', ...(parent === undefined ? {} : { parent }),
    task: (isErased(state) ? state.task : view.scrub(begun?.['task'])) as Record<string, unknown>,
    labels: { ...(begun?.['labels'] as Record<string, Label> | undefined) }, ...(read === undefined ? {} : { read }), ...(plan === undefined ? {} : { plan }),
    budgets: state.budgets, used: { steps, ...spent, ...(used === undefined ? {} : { tools: used }) }, left: { ...leftOf(state) },
    calls: callsOf(events),
    approvals: Object.fromEntries(Object.values(state.approvals).map(({ approvalId, ...approval }) => [approvalId, approval])),
    timers: { ...state.timers }, signals: view.scrub(state.unseen) as Record<string, string>,
    undoable: Object.fromEntries(state.undoable.map(({ callId, tool, by }) => [callId, { tool, by }])),
    undone: view.scrub(state.undone) as RunStateView['undone'],
    paused: state.paused, ...(winding === undefined ? {} : { ending: { ...winding, reason: text(winding.reason) } }),
    ...(state.phase === 'ended' ? { reason: text(state.reason), ...(state.answer === undefined ? {} : { answer: text(state.answer) }) } : {}),
  };
}

function callsOf(events: readonly PublicEvent[]): RunStateView['calls'] {
  const worth = new Map(events.flatMap(({ event }) => (event.type === 'observation-recorded' ? [[String(event['callId']), labelOf(event['label'] as Label)] as const] : [])));
  return Object.fromEntries(stepsOf(events).flatMap(({ commit, calls }) => calls.map(({ callId, ...call }) => {
    const known = worth.get(callId);
    return [callId, { step: commit, ...call, ...(known === undefined ? {} : { label: known }) }] as const;
  })));
}

function labelOf({ trust, secrecy }: Label): RunStateView['calls'][string]['label'] {
  return { trust, secrecy };
}
