import { effectClass, toolName } from '@holdfast/contracts';
import { overlayLabel, overlayOptions, parseOverlay, variableName } from '@holdfast/tool-sdk';
import { z } from 'zod';

const tool = z.strictObject({
  ...overlayOptions,
  /** The tool's name on our side; `<server>_<tool>` when left out. */
  name: toolName.optional(),
  effect: effectClass.exclude(['reconcilable']),
  /** The argument by which the server takes the operation key; the model does not see it. */
  operationKeyArgument: z.string().optional(),
  /** What an answer with `isError` says about the effect; `unknown` unless the server's documentation promises more. */
  errorsMean: z.enum(['unknown', 'not-done', 'refused']).optional(),
});
export type McpToolOverlay = z.infer<typeof tool>;

const server = z.strictObject({
  stdio: z.strictObject({ command: z.string().min(1), args: z.array(z.string()).default([]), env: z.array(variableName).default([]), cwd: z.string().optional() }).optional(),
  http: z.strictObject({ url: z.url({ protocol: /^https?$/ }), headers: z.record(z.string(), variableName).default({}) }).optional(),
  outputLabel: overlayLabel,
  tools: z.record(z.string(), tool),
}).refine(({ stdio, http }) => (stdio === undefined) !== (http === undefined), 'must have exactly one of "stdio" and "http"');
export type McpServerOverlay = z.infer<typeof server>;

/**
 * What the operator says of MCP servers: how they are reached, which of their tools may be called, and everything that policy
 * and ledger rely on. A server's annotations are hints and decide nothing; what is not listed cannot be called.
 */
export const mcpOverlay = z.strictObject({ servers: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and "-"'), server) });
export type McpOverlay = z.infer<typeof mcpOverlay>;

/** Throws `overlay.invalid`, which names the server, the tool, the field and what is wrong. */
export function parseMcpOverlay(text: string, name: string): McpOverlay {
  return parseOverlay(text, name, mcpOverlay, 'docs/tools/mcp.md');
}
