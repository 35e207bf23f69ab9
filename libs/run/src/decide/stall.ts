import type { FactOf } from '@holdfast/contracts';
import { isFolded } from '../state/folded.js';
import { awaitedBasis, faultsOf, type RunState } from '../state/state.js';
import { commitOne, duplicate, stale, type Decision } from './decision.js';

/** No model answers the planner. The run still waits for the same proposal, so all that changes is that everybody can see why; once for each reason. */
export function decideStall(state: RunState, { kind, id, ...failure }: FactOf<'stall'>, at: number): Decision {
  if (state.phase === 'unborn') return stale('the run has not begun');
  if (isFolded(state.folded, id)) return duplicate;
  if (awaitedBasis(state) !== failure.basis) return stale(`commit ${failure.basis} does not wait for a proposal; the run is at commit ${state.head}`);
  if (faultsOf(state).includes(failure.code)) return duplicate;
  return commitOne(state, { kind, id }, at, [{ type: 'model-failed', ...failure }]);
}
