import type { Json } from '@holdfast/contracts';
import type { RunState } from './state.js';

/** Goes up with every change of {@link RunState} that an older checkpoint does not fit. */
const VERSION = 1;

/** The state in the form in which a commit carries it, so that a rebuild begins there and not at the first commit. */
export function checkpointOf(state: RunState): Json {
  return { version: VERSION, state: state as unknown as Json };
}

/**
 * The state that a checkpoint holds; undefined where this release cannot read it, and the caller folds the whole run. A
 * checkpoint lies under its commit's hash, so only its version and outline are looked at.
 */
export function restoreCheckpoint(checkpoint: unknown): RunState | undefined {
  if (!isObject(checkpoint) || checkpoint['version'] !== VERSION) return undefined;
  const { state } = checkpoint;
  if (!isObject(state)) return undefined;
  if (state['phase'] === 'unborn') return { phase: 'unborn' };
  const whole = ['planning', 'acting', 'ended'].includes(String(state['phase'])) && Number.isInteger(state['head'])
    && ['task', 'budgets', 'spent', 'calls', 'approvals', 'timers', 'unseen', 'undone', 'folded'].every((part) => isObject(state[part]));
  return whole ? (state as unknown as RunState) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
