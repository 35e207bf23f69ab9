import { z } from 'zod';
import type { Json } from './canonical.js';
import { encryption } from './data-keys.js';
import { runEvent } from './events.js';
import { digest, instant, runId, tenantId } from './identifiers.js';

/** Who acts next. The commit's subject ends with it, so that the commit is itself the dispatch. */
export const route = z.string().regex(/^(plan|wait|end|call\.[A-Za-z0-9_-]{1,64})$/) as unknown as z.ZodType<Route>;
export type Route = 'plan' | 'wait' | 'end' | `call.${string}`;

/** The fact that made the orchestrator decide: the id under which it is folded at most once. */
export const cause = z.strictObject({ kind: z.string(), id: z.string() });
export type Cause = z.infer<typeof cause>;

/** How many earlier commits a commit points at; reading a run takes one round of parallel gets per this many. */
export const MAXIMUM_POINTERS = 32;

/**
 * One message of the log: the ordered events of one decision, atomic by construction.
 *
 * `hash` is the SHA-256 of the canonical form (RFC 8785) of every other field, and `previousHash` is the hash of the
 * commit before (64 zeros for the first), so the chain covers every field of every commit. Of a commit that is stored
 * encrypted it covers `encryption` in the place of events and checkpoint: the ciphertext, so that it can be checked without a key.
 */
export const commit = z.strictObject({
  format: z.literal(1),
  tenant: tenantId,
  runId,
  /** Run-local and gap-free, from 1. */
  number: z.number().int().positive(),
  previousHash: digest,
  /** When the orchestrator decided. */
  at: instant,
  cause,
  route,
  events: z.array(runEvent).min(1),
  /** Log sequences of the commits before this one, nearest first, at most {@link MAXIMUM_POINTERS}. */
  pointers: z.array(z.number().int().positive()).max(MAXIMUM_POINTERS),
  /** The hash of the commit that the cause answered, where there was one: the parent in the run's trace. */
  parent: digest.optional(),
  /** The folded state after this commit, in the core's own versioned form: a run is rebuilt from here. */
  checkpoint: (z.unknown() as unknown as z.ZodType<Json>).optional(),
  /** Where the nearest earlier commit with a checkpoint is. */
  lastCheckpoint: z.strictObject({ number: z.number().int().positive(), sequence: z.number().int().positive() }).optional(),
  /** How the content is stored, where it is about a data subject. Without its key, `events` is one `content-erased`. */
  encryption: encryption.optional(),
  hash: digest,
});
export type Commit = z.infer<typeof commit>;

const withoutContent = commit.omit({ events: true, checkpoint: true });
const payload = z.strictObject({ digest, bytes: z.number().int().positive() });

/** Into so many parts the content of one commit may be divided: it bounds what a reader has to hold at once. */
export const MAXIMUM_PARTS = 64;

/**
 * How a commit is stored whose content is too large for the log (claim check): events and checkpoint are in the stream
 * `PAYLOADS` under their digest. `commit.hash` still covers the whole commit, as if it were stored in one piece. A content
 * that no single message can carry is divided (format 3): each part is under the digest of its own message, and
 * `payload.digest` is that of the whole.
 */
export const claimedCommit = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal(2), commit: withoutContent, payload }),
  z.strictObject({ format: z.literal(3), commit: withoutContent, payload: payload.extend({ parts: z.array(digest).min(1).max(MAXIMUM_PARTS) }) }),
]);
export type ClaimedCommit = z.infer<typeof claimedCommit>;

/**
 * How a commit about a data subject is stored: its content as ciphertext, beside the outline as `data`, or as `parts` in `PAYLOADS` where it is
 * too large for the log.
 */
export const encryptedCommit = z.strictObject({
  format: z.literal(4),
  commit: withoutContent.required({ encryption: true }),
  data: z.base64().optional(),
  parts: z.array(digest).min(1).max(MAXIMUM_PARTS).optional(),
});
export type EncryptedCommit = z.infer<typeof encryptedCommit>;

/** What an encrypted commit's ciphertext says. */
export const encryptedPayload = z.strictObject({ events: z.array(z.unknown()).min(1), checkpoint: z.unknown().optional() });

/**
 * The content of a claim-checked commit, stored before it. It names its place, so that no other commit can have the same
 * payload, and whoever collects what was left behind has one place to look at.
 */
export const commitPayload = z.strictObject({ tenant: tenantId, runId, number: z.number().int().positive(), events: z.array(z.unknown()).min(1), checkpoint: z.unknown().optional() });
export type CommitPayload = z.infer<typeof commitPayload>;

/** One part of a divided content, from 1, with the bytes of its piece; it names its place for the same reasons. */
export const payloadPart = z.strictObject({ tenant: tenantId, runId, number: z.number().int().positive(), part: z.number().int().positive(), data: z.base64() });
export type PayloadPart = z.infer<typeof payloadPart>;

/** A commit at its place in the log; `sequence` is that of the message in its partition's stream. */
export const recordedCommit = z.strictObject({ commit, sequence: z.number().int().positive() });
export type RecordedCommit = Readonly<z.infer<typeof recordedCommit>>;

export const ZERO_HASH = '0'.repeat(64);
