import { z } from 'zod';
import { digest, instant, runId, tenantId, threadId } from './identifiers.js';
import { label } from './labels.js';

/** Turns of one answer, and UTF-16 code units of each of its texts: an answer stays below the broker's 1 MB message. */
export const threadPage = { turns: 20, text: 4_000 } as const;

const text = z.strictObject({ text: z.string(), label });

/** A run of a thread as the projection has it; its labels are those that it had in its own run. */
export const projectedTurn = z.strictObject({
  runId,
  requester: z.string(),
  goal: text,
  askedAt: instant,
  status: z.enum(['running', 'completed', 'failed', 'cancelled']),
  answer: text.optional(),
  endedAt: instant.optional(),
  /** Its texts were erased, with whoever they were about. */
  erased: z.boolean().optional(),
});
export type ProjectedTurn = z.infer<typeof projectedTurn>;

/** Asks for turns of a thread, oldest first, from the `offset`-th on. */
export const threadRequest = z.strictObject({ tenant: tenantId, thread: threadId, offset: z.number().int().nonnegative() });
export type ThreadRequest = z.infer<typeof threadRequest>;

/** `total` turns are there; none is no error. */
export const threadAnswer = z.strictObject({ thread: threadId, total: z.number().int().nonnegative(), turns: z.array(projectedTurn).max(threadPage.turns) });
export type ThreadAnswer = z.infer<typeof threadAnswer>;

/** Asks where the projection stands, or makes it begin anew. */
export const threadProjectionRequest = z.strictObject({ rebuild: z.boolean() });
export type ThreadProjectionRequest = z.infer<typeof threadProjectionRequest>;

/** `checksum` is over everything that is projected, in all tenants: the same log gives the same. */
export const threadProjectionAnswer = z.strictObject({
  /** Commits of the log that are not projected yet. */
  behind: z.number().int().nonnegative(),
  turns: z.number().int().nonnegative(),
  checksum: digest,
});
export type ThreadProjectionAnswer = z.infer<typeof threadProjectionAnswer>;
