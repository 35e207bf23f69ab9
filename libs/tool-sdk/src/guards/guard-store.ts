import { z } from 'zod';

const milliseconds = z.number().int().min(0).max(86_400_000);

/** What the workers share about a tool's breaker. Times are lengths, counted by each worker from when it heard of the record. */
export const breakerRecord = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('closed') }),
  z.strictObject({ state: z.literal('open'), forMs: milliseconds, reason: z.string().max(500) }),
  /** One worker tries the tool; when nothing is heard of it in this time, another may. */
  z.strictObject({ state: z.literal('probing'), forMs: milliseconds, by: z.string().max(200) }),
]);
export type BreakerRecord = z.infer<typeof breakerRecord>;

/** The blocks of calls that were handed out lately. The moment of the last one is the store's own stamp of the record. */
export const rateRecord = z.strictObject({
  blocks: z.array(z.strictObject({ at: z.number(), calls: z.number().int().min(1) })).max(1_000),
  last: z.number().int().min(0),
});
export type RateRecord = z.infer<typeof rateRecord>;

export type GuardName = 'breaker' | 'rate';

export interface StoredGuard {
  readonly value: unknown;
  /** Rises with every write; 0 is expected where there is none. */
  readonly revision: number;
  /** When it was stored, by the store's own clock, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** `unknown`: it may or may not be stored, and only reading back can tell. */
export type GuardAnswer = { readonly status: 'stored'; readonly revision: number } | { readonly status: 'conflict' } | { readonly status: 'unknown' };

/**
 * What the workers share about their tools: hints, whose loss delays a call and never makes one wrong. Of two writes that
 * expect the same revision at most one is stored. `read` and `write` may throw a HoldfastError.
 */
export interface GuardStore {
  read(tool: string, guard: GuardName): Promise<StoredGuard | undefined>;
  write(tool: string, guard: GuardName, value: BreakerRecord | RateRecord, expectedRevision: number): Promise<GuardAnswer>;
  /** Tells of changes, those of this process included. Some may be lost. Returns how to stop. */
  listen(heard: (tool: string, guard: GuardName, change: Pick<StoredGuard, 'value' | 'revision'>) => void): () => void;
}
