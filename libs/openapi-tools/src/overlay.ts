import { HoldfastError, argumentRole, compensation, effectClass, toolContract, toolName } from '@holdfast/contracts';
import { parse } from 'yaml';
import { z } from 'zod';

const { shape } = toolContract;

/** Which operation tells whether a call's operation happened, and how its answer is read. */
const reconciliation = z.strictObject({
  /** An operation with GET, as `operation` of a tool. */
  operation: z.string().min(1),
  /** Its arguments, each from an argument of the call. */
  arguments: z.record(z.string(), z.string()),
  /** A JSON pointer (RFC 6901) to the effect in the answer; `""` is the whole. Nothing there, null or an empty list means that it did not happen. */
  done: z.string().regex(/^(\/.*)?$/, 'must be a JSON pointer'),
  /** A 404 says that it did not happen. */
  absentIs404: z.boolean().default(false),
});
export type Reconciliation = z.infer<typeof reconciliation>;

const tool = z.strictObject({
  /** An operationId of the document, or method and path: `POST /payments`. */
  operation: z.string().min(1),
  effect: effectClass.optional(),
  identity: shape.identity.optional(),
  roles: z.record(z.string(), argumentRole),
  outputLabel: shape.outputLabel.partial({ fields: true }).optional(),
  description: shape.description.optional(),
  amountArgument: shape.amountArgument,
  adapter: shape.adapter.optional(),
  timeoutMs: shape.timeoutMs.optional(), retry: shape.retry.optional(), concurrency: shape.concurrency.optional(),
  deadlineMs: shape.deadlineMs, rateLimit: shape.rateLimit, breaker: shape.breaker, retentionMs: shape.retentionMs, quarantineAfter: shape.quarantineAfter,
  compensate: compensation.optional(),
  reconcile: reconciliation.optional(),
});
export type ToolOverlay = z.infer<typeof tool>;

/**
 * What the operator says of a document: which of its operations are tools, and everything that policy and ledger rely on.
 * What is not listed cannot be called.
 */
export const openApiOverlay = z.strictObject({
  tools: z.record(toolName, tool),
  outputLabel: shape.outputLabel.partial({ fields: true }).optional(),
  /** Which environment variable holds the credential of which security scheme of the document. */
  auth: z.record(z.string(), z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of an environment variable')).default({}),
  /** The Idempotency-Key as a structured-field string, in quotation marks, as the IETF draft writes it; bare, as most services want it, when false. */
  quotedKey: z.boolean().default(false),
});
export type OpenApiOverlay = z.infer<typeof openApiOverlay>;

/** Throws `overlay.invalid`, which names the tool, the field and what is wrong. */
export function parseOpenApiOverlay(text: string, name: string): OpenApiOverlay {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw invalid(name, cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause));
  }
  const parsed = openApiOverlay.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(name, parsed.error.issues.slice(0, 10).map(({ path, message }) => `"${path.map(String).join('.')}": ${message}`).join('; '));
}

function invalid(name: string, reason: string): HoldfastError {
  return new HoldfastError({ code: 'overlay.invalid', message: `The overlay "${name}" is wrong: ${reason}.`, retryable: false, remedy: 'Correct the named field; docs/tools/openapi.md describes the form.' });
}
