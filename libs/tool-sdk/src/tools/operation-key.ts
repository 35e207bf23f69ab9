import type { Digest, TenantId } from '@holdfast/contracts';
import { digestOf } from './digest.js';

export interface OperationName {
  readonly tenant: TenantId;
  readonly tool: string;
  /** The values of the arguments that the contract's `identity` names. */
  readonly identity: Readonly<Record<string, unknown>>;
}

/**
 * The key of one business operation: "invoice 7 of supplier 3 is paid", whoever asks and however often. Neither the run
 * nor the attempt is part of it, so everyone who asks for the same operation meets the same ledger entry.
 */
export function operationKey({ tenant, tool, identity }: OperationName): Digest {
  return digestOf({ tenant, tool, identity });
}
