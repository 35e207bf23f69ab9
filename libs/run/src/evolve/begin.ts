import { UNKNOWN_READING, declarations, nearest, type Label, type RunEventOf } from '@holdfast/contracts';
import { nothingFolded } from '../state/folded.js';
import type { Planning } from '../state/state.js';

export const nothing = {
  phase: 'planning', head: 0, basis: 0, decided: 0, steps: 0, calls: {}, approvals: {}, timers: {}, unseen: {}, folded: nothingFolded, paused: false, undone: { done: [], failed: [] },
} as const;

export function acceptedRun(event: RunEventOf<'task-accepted'>, at: number): Planning {
  const { task, agent, budgets, memoryScopes, parent, strategy } = event;
  return { ...nothing, task, agent, budgets, ...(memoryScopes === undefined ? {} : { memoryScopes }), spent: { tokens: 0, amount: 0 }, undoable: [], ...askedBy(event, at), ...(parent === undefined ? {} : { parent }), ...(strategy === undefined ? {} : { strategy }) };
}

/** A forked run has its own steps, tokens and deadline, but what money the origin's calls carried stays spent. */
export function forkedRun(event: RunEventOf<'run-forked'>, factId: string, at: number): Planning {
  const { task, agent, budgets, memoryScopes, amount, used, undoable, strategy, plan, effects, origin: { runId, number } } = event;
  return { ...nothing, task, agent, budgets, ...(memoryScopes === undefined ? {} : { memoryScopes }), spent: { tokens: 0, amount }, ...(used === undefined ? {} : { used }), undoable, ...askedBy(event, at), origin: { runId, number, factId }, ...(effects === undefined ? {} : { simulation: { usedUpTo: number } }), ...(strategy === undefined ? {} : { strategy }), ...(plan === undefined ? {} : { plan: { ...plan, number: 1 } }) };
}

function askedBy({ task, labels }: Pick<RunEventOf<'task-accepted'>, 'task' | 'labels'>, at: number): Pick<Planning, 'asked'> {
  if (task.thread === undefined) return {};
  const label: Label = nearest(declarations(labels), ['goal']) ?? { ...UNKNOWN_READING, trust: 'third-party', source: 'task.goal' };
  return { asked: { at, label } };
}
