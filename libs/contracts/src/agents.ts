import { z } from 'zod';
import { agentDeclaration, agentName } from './catalog.js';
import { digest, instant } from './identifiers.js';

/** One version of an agent: what a run names, from its first event to its last. */
export const agentVersion = z.strictObject({ name: agentName, digest });
export type AgentVersion = z.infer<typeof agentVersion>;

/** A version as it was published: once, and never changed. `by` is a person, or `deployment` for what a catalogue declares. */
export const publishedVersion = z.strictObject({ declaration: agentDeclaration, by: z.string().min(1).max(256), at: instant });
export type PublishedVersion = z.infer<typeof publishedVersion>;

/** How much of an agent's new tasks a version gets, in proportion to the other weights. */
export const routeShare = z.strictObject({ digest, weight: z.number().int().min(0).max(10_000) });
export type RouteShare = z.infer<typeof routeShare>;

/** What the choice among the versions of a route follows from; a run that has no thread is chosen for by itself. */
export const stableBy = z.enum(['run', 'thread', 'requester']);
export type StableBy = z.infer<typeof stableBy>;

/**
 * Which versions new tasks of an agent get, as somebody said last. Without shares, the version that is deployed takes all of
 * them, as it does where nobody ever said anything.
 */
export const agentRoute = z.strictObject({
  shares: z.array(routeShare).max(16)
    .refine((shares) => new Set(shares.map((share) => share.digest)).size === shares.length, 'names a version twice')
    .refine((shares) => shares.length === 0 || shares.some(({ weight }) => weight > 0), 'gives no version any weight'),
  by: z.string().min(1).max(256),
  comment: z.string().max(4_000),
  at: instant,
  /** By the run where nothing is said. */
  stableBy: stableBy.optional(),
  /** The canary that set it, and how far that has come; absent of a route that a person set. */
  canary: z.strictObject({ id: z.string().max(63), step: z.enum(['begun', 'paused', 'ended']) }).optional(),
});
export type AgentRoute = z.infer<typeof agentRoute>;

/** A version whose runs may call nothing more, and that begins no new ones. It is the last word about that version. */
export const agentRevocation = z.strictObject({ by: z.string().min(1).max(256), reason: z.string().min(1).max(4_000), at: instant });
export type AgentRevocation = z.infer<typeof agentRevocation>;
