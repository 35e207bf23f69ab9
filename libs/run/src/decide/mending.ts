import type { RunEvent } from '@holdfast/contracts';
import type { LiveState } from '../state/state.js';
import { ending } from './ending.js';

/** So often a model is told what is wrong with the form of its answer, and so often with that of one plan. */
const MOST_MENDINGS = 2;

/** The model is told what is wrong and asked again; where it was told often enough or `isOver`, the run fails. */
export function mending(state: LiveState, about: 'answer' | 'plan', fault: string, isOver = false): RunEvent {
  const used = (state.told?.[about] ?? 0) + 1;
  if (used <= MOST_MENDINGS && !isOver) return { type: 'notice-given', about, used, limit: MOST_MENDINGS, detail: fault };
  return ending(state, 'failed', `${about === 'answer' ? "the answer does not follow the agent's output schema" : 'no plan could be made'}: ${fault}`);
}
