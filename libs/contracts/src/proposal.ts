import { z } from 'zod';
import { digest, toolName } from './identifiers.js';

/**
 * The tool that a call is recorded under when it cannot be read or kept. No catalogue has it, so policy refuses it with
 * certainty, where empty arguments might have been allowed; and the model is shown what is wrong with it.
 */
export const UNREADABLE_CALL = 'unreadable_call';

export const toolRequest = z.strictObject({
  /** The model's own id of the call, kept so that results can be given back to it. */
  requestId: z.string().min(1).max(256),
  tool: toolName,
  arguments: z.record(z.string(), z.unknown()),
});
export type ToolRequest = z.infer<typeof toolRequest>;

/** What a planner wants: calls, or the end. It is a wish; nothing in it is believed. */
export const proposal = z.strictObject({
  /** The number of the `plan` commit that this answers; a proposal for any other is stale. */
  basis: z.number().int().positive(),
  text: z.string().max(200_000),
  requests: z.array(toolRequest).max(32),
  /** Set when the planner considers the task done. */
  answer: z.string().max(200_000).optional(),
  model: z.strictObject({
    name: z.string(),
    provider: z.string(),
    /** SHA-256 that stands for the instructions, the messages and the tools that the model was shown. */
    promptDigest: digest,
    toolsShown: z.array(toolName),
    inputTokens: z.number().int().nonnegative(),
    outputTokens: z.number().int().nonnegative(),
    finishReason: z.string(),
    durationMs: z.number().nonnegative(),
  }),
});
export type Proposal = z.infer<typeof proposal>;
