import { z } from 'zod';

/**
 * One token of a NATS subject: letters, digits, `-` and `_`. Dots and wildcards are impossible by construction, so a
 * hostile identifier can never widen a subject.
 */
const subjectToken = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "-" or "_"');

export const tenantId = subjectToken.meta({ description: 'The customer or team whose runs are kept apart from all others.' });
export const runId = subjectToken.meta({ description: 'One run of one task.' });
export const threadId = subjectToken.meta({ description: 'A conversation that runs of one tenant share.' });
export const dataSubject = subjectToken.meta({ description: 'Whose personal data something is: a name that means nothing to whoever does not know whom it stands for, since it is itself not erased.' });
export const adapterName = subjectToken.meta({ description: 'The group of tool workers that executes a call.' });
/** Model providers accept letters, digits, "-" and "_" in tool names, so contracts are held to the same. */
export const toolName = subjectToken.meta({ description: 'A tool, as the model and the policies name it.' });
/** Lower-case hexadecimal SHA-256. */
export const digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hexadecimal');
/** Milliseconds since the Unix epoch. */
export const instant = z.number().int().nonnegative();

export type TenantId = z.infer<typeof tenantId>;
export type RunId = z.infer<typeof runId>;
export type Digest = z.infer<typeof digest>;

/** A tenant's run: the unit of the log. */
export interface RunKey {
  readonly tenant: TenantId;
  readonly runId: RunId;
}

/**
 * The partition of a run, from 0 to `partitions - 1`.
 *
 * FNV-1a, 32 bits (Fowler, Noll, Vo; draft-eastlake-fnv), over tenant and run id. It must never change: the number of
 * partitions and this function together decide where a run's history is.
 */
export function partitionOf(key: RunKey, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${key.tenant}/${key.runId}`) {
    hash ^= character.charCodeAt(0);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % partitions;
}

/** What a person may be called by in policies and in rules on approvals, such as `treasury`. */
export const personRole = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/);
