import { HoldfastError, argumentRole, compensation, effectClass, toolContract, toolName } from '@holdfast/contracts';
import { parse } from 'yaml';
import { z } from 'zod';

const { shape } = toolContract;
const variable = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of an environment variable');

const tool = z.strictObject({
  /** The tool's name on our side; `<server>_<tool>` when left out. */
  name: toolName.optional(),
  effect: effectClass.exclude(['reconcilable']),
  identity: shape.identity.optional(),
  roles: z.record(z.string(), argumentRole),
  outputLabel: shape.outputLabel.partial({ fields: true }).optional(),
  /** Instead of the server's own, which the model would otherwise read. */
  description: shape.description.optional(),
  amountArgument: shape.amountArgument,
  adapter: shape.adapter.optional(),
  timeoutMs: shape.timeoutMs.optional(), retry: shape.retry.optional(), concurrency: shape.concurrency.optional(),
  deadlineMs: shape.deadlineMs, rateLimit: shape.rateLimit, breaker: shape.breaker, retentionMs: shape.retentionMs, quarantineAfter: shape.quarantineAfter,
  compensate: compensation.optional(),
  /** The argument by which the server takes the operation key; the model does not see it. */
  operationKeyArgument: z.string().optional(),
  /** What an answer with `isError` says about the effect; `unknown` unless the server's documentation promises more. */
  errorsMean: z.enum(['unknown', 'not-done', 'refused']).optional(),
});
export type McpToolOverlay = z.infer<typeof tool>;

const server = z.strictObject({
  stdio: z.strictObject({ command: z.string().min(1), args: z.array(z.string()).default([]), env: z.array(variable).default([]), cwd: z.string().optional() }).optional(),
  http: z.strictObject({ url: z.url({ protocol: /^https?$/ }), headers: z.record(z.string(), variable).default({}) }).optional(),
  outputLabel: shape.outputLabel.partial({ fields: true }).optional(),
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
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw invalid(name, cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause));
  }
  const parsed = mcpOverlay.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(name, parsed.error.issues.slice(0, 10).map(({ path, message }) => `"${path.map(String).join('.')}": ${message}`).join('; '));
}

function invalid(name: string, reason: string): HoldfastError {
  return new HoldfastError({ code: 'overlay.invalid', message: `The overlay "${name}" is wrong: ${reason}.`, retryable: false, remedy: 'Correct the named field; docs/tools/mcp.md describes the form.' });
}
