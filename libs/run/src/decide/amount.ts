import type { CallState } from '../state/state.js';
import type { JudgedCall } from './decision.js';

/** The money that a call carries, in minor units, where its contract says in which argument. */
export function amountOf({ arguments: given }: CallState, { amountArgument }: NonNullable<JudgedCall['contract']>): number | undefined {
  const carried = amountArgument === undefined ? undefined : given[amountArgument];
  return typeof carried === 'number' && Number.isSafeInteger(carried) && carried >= 0 ? carried : undefined;
}
