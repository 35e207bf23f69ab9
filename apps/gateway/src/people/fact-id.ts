import { createHash } from 'node:crypto';
import { canonicalJson, type RunKey } from '@holdfast/contracts';

/**
 * The id of a fact that names what somebody said of a run: the same words by the same person are the same fact. Tenant
 * and run are part of it, because the broker recognises duplicates over all runs, whose approvals have the same names.
 */
export function factIdOf(kind: 'approval' | 'signal' | 'control' | 'resolution' | 'release' | 'fork', key: RunKey, ...parts: readonly string[]): string {
  return `${kind}:${createHash('sha256').update(canonicalJson([key.tenant, key.runId, ...parts])).digest('hex')}`;
}
