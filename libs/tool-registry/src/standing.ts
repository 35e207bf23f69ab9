import type { ContractAcceptance, ContractDifference, ContractObservation, ToolContract } from '@holdfast/contracts';
import { compareContracts } from './compare-contracts.js';

/** A record at its place in the registry. */
export interface Placed<T> {
  readonly record: T;
  readonly sequence: number;
}

/** What is known of one tool: its contract in the catalogue, and the last word of its server and of a person. */
export interface Known {
  readonly pinned: ToolContract;
  readonly observed?: Placed<ContractObservation> | undefined;
  readonly accepted?: Placed<ContractAcceptance> | undefined;
}

/**
 * How a tool stands. `contract` is the one that counts: what a person accepted in place of the catalogue's, or that itself. A quarantined
 * tool is not called; `sequence` is the observation that says why, and `candidate` what a person may accept.
 */
export type ToolStanding =
  | { readonly status: 'healthy'; readonly contract: ToolContract }
  | { readonly status: 'changed'; readonly contract: ToolContract; readonly candidate: ToolContract; readonly differences: readonly ContractDifference[]; readonly sequence: number }
  | { readonly status: 'quarantined'; readonly contract: ToolContract; readonly candidate?: ToolContract; readonly differences: readonly ContractDifference[]; readonly reason: string; readonly sequence: number };

/** True when a person saw the last observation, or a later one, and said that it may count, or that it is mended. */
export function isAnswered({ observed, accepted }: Pick<Known, 'observed' | 'accepted'>): boolean {
  return observed !== undefined && accepted !== undefined && accepted.record.observation >= observed.sequence;
}

/** Folds what is known. Nothing but a person's word, or the server's return to what was accepted, lifts a quarantine. */
export function standingOf({ pinned, observed, accepted }: Known): ToolStanding {
  const contract = accepted?.record.pinned === pinned.digest ? accepted.record.contract : pinned;
  if (observed === undefined) return { status: 'healthy', contract };
  const { record, sequence } = observed;
  const candidate = record.contract;
  if (candidate === undefined) return { status: 'quarantined', contract, differences: [], sequence, reason: `${record.source} has no such tool any more.` };
  const differences = compareContracts(contract, candidate);
  const faults = isAnswered({ observed, accepted }) ? [] : record.faults ?? [];
  const reasons = [
    ...(faults.length === 0 ? [] : [`Its results violate its contract: ${faults.join('; ')}.`]),
    ...differences.filter((one) => one.breaking).map(({ text }) => text),
  ];
  if (reasons.length > 0) return { status: 'quarantined', contract, candidate, differences, sequence, reason: reasons.join(' ') };
  return differences.length === 0 ? { status: 'healthy', contract } : { status: 'changed', contract, candidate, differences, sequence };
}
