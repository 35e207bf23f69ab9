import { z } from 'zod';
import { digest, runId, threadId } from './identifiers.js';
import { label } from './labels.js';

/** How much of its thread a run is shown: so many of the latest turns, each text cut to so many UTF-16 code units, all together to so many. */
export const threadLimits = { turns: 16, text: 8_000, all: 64_000 } as const;

const labelledText = z.strictObject({ text: z.string(), label });

/** An earlier run of a thread, as another run is told of it. */
export const threadTurn = z.strictObject({
  /** The run, and the last commit of it that was read. */
  run: z.strictObject({ runId, number: z.number().int().positive(), hash: digest }),
  requester: z.string().max(256),
  /** What was asked for. It is labelled for the run that reads it: only the same requester's own words are the user's. */
  goal: labelledText,
  status: z.enum(['running', 'completed', 'failed', 'cancelled']),
  /** What the run answered, worth as much as what it had read. */
  answer: labelledText.optional(),
});
export type ThreadTurn = z.infer<typeof threadTurn>;

/** What a run is shown of its thread, oldest turn first; `omitted` earlier ones are not shown. */
export const threadReading = z.strictObject({ thread: threadId, turns: z.array(threadTurn).max(threadLimits.turns), omitted: z.number().int().nonnegative() });
export type ThreadReading = z.infer<typeof threadReading>;
