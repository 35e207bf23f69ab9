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
 * How a tool stands. `contract` is the one that counts: what a person accepted last, or the catalogue's. A quarantined
 * tool is not called; `sequence` is the observation that says why, and `candidate` what a person may accept.
 */
export type ToolStanding =
  | { readonly status: 'healthy'; readonly contract: ToolContract }
  | { readonly status: 'changed'; readonly contract: ToolContract; readonly candidate: ToolContract; readonly differences: readonly ContractDifference[]; readonly sequence: number }
  | { readonly status: 'quarantined'; readonly contract: ToolContract; readonly candidate?: ToolContract; readonly differences: readonly ContractDifference[]; readonly reason: string; readonly sequence: number };

/** Folds what is known. Nothing but a person's word, or the server's return to what was accepted, lifts a quarantine. */
export function standingOf({ pinned, observed, accepted }: Known): ToolStanding {
  const contract = accepted?.record.contract ?? pinned;
  if (observed === undefined) return { status: 'healthy', contract };
  const { record, sequence } = observed;
  // The person saw this very observation and said that it may count, or that it is mended.
  const isAnswered = accepted !== undefined && accepted.record.observation >= sequence;
  if (record.faults !== undefined && !isAnswered) {
    return { status: 'quarantined', contract, candidate: contract, differences: [], sequence, reason: `Its results violate its contract: ${record.faults.join('; ')}` };
  }
  if (record.faults !== undefined) return { status: 'healthy', contract };
  if (record.contract === undefined) {
    return { status: 'quarantined', contract, differences: [], sequence, reason: `${record.source} has no such tool any more.` };
  }
  const differences = compareContracts(contract, record.contract);
  if (differences.length === 0) return { status: 'healthy', contract };
  const breaking = differences.filter((one) => one.breaking);
  if (breaking.length === 0) return { status: 'changed', contract, candidate: record.contract, differences, sequence };
  return { status: 'quarantined', contract, candidate: record.contract, differences, sequence, reason: breaking.map(({ text }) => text).join(' ') };
}
