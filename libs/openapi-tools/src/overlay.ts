import { effectClass, toolName } from '@holdfast/contracts';
import { overlayLabel, overlayOptions, parseOverlay, variableName } from '@holdfast/tool-sdk';
import { z } from 'zod';

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

const tool = z.strictObject({
  ...overlayOptions,
  /** An operationId of the document, or method and path: `POST /payments`. */
  operation: z.string().min(1),
  /** A GET is a read when it is left out; everything else needs one. */
  effect: effectClass.optional(),
  reconcile: reconciliation.optional(),
});
export type ToolOverlay = z.infer<typeof tool>;

/**
 * What the operator says of a document: which of its operations are tools, and everything that policy and ledger rely on.
 * What is not listed cannot be called.
 */
export const openApiOverlay = z.strictObject({
  tools: z.record(toolName, tool),
  outputLabel: overlayLabel,
  /** Which environment variable holds the credential of which security scheme of the document. */
  auth: z.record(z.string(), variableName).default({}),
  /** The Idempotency-Key as a structured-field string, in quotation marks, as the IETF draft writes it; bare, as most services want it, when false. */
  quotedKey: z.boolean().default(false),
});
export type OpenApiOverlay = z.infer<typeof openApiOverlay>;

/** Throws `overlay.invalid`, which names the tool, the field and what is wrong. */
export function parseOpenApiOverlay(text: string, name: string): OpenApiOverlay {
  return parseOverlay(text, name, openApiOverlay, 'docs/tools/openapi.md');
}
