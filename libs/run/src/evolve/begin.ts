import { declarations, nearest, type Label, type RunEventOf } from '@holdfast/contracts';
import { nothingFolded } from '../state/folded.js';
import type { Planning } from '../state/state.js';

const nothing = {
  phase: 'planning', head: 0, basis: 0, decided: 0, steps: 0, calls: {}, approvals: {}, timers: {}, unseen: {}, folded: nothingFolded, paused: false, undone: { done: [], failed: [] },
} as const;

export function acceptedRun(event: RunEventOf<'task-accepted'>): Planning {
  const { task, agent, budgets, parent } = event;
  return { ...nothing, task, agent, budgets, spent: { tokens: 0, amount: 0 }, undoable: [], ...goalLabelOf(event), ...(parent === undefined ? {} : { parent }) };
}

/** A forked run has its own steps, tokens and deadline, but what money the origin's calls carried stays spent. */
export function forkedRun(event: RunEventOf<'run-forked'>, factId: string): Planning {
  const { task, agent, budgets, amount, used, undoable, origin: { runId, number } } = event;
  return { ...nothing, task, agent, budgets, spent: { tokens: 0, amount }, ...(used === undefined ? {} : { used }), undoable, ...goalLabelOf(event), origin: { runId, number, factId } };
}

function goalLabelOf({ task, labels }: Pick<RunEventOf<'task-accepted'>, 'task' | 'labels'>): { readonly goalLabel?: Label } {
  const goalLabel = task.thread === undefined ? undefined : nearest(declarations(labels), ['goal']);
  return goalLabel === undefined ? {} : { goalLabel };
}
