import { HoldfastError, type ToolContract } from '@holdfast/contracts';
import { defined, describedContract, sealContract, unmatchedRoles, type ContractFields } from '@holdfast/tool-sdk';
import { findOperation, type OpenApiDocument } from './document.js';
import { shapeOf, type OperationShape } from './operation.js';
import type { OpenApiOverlay, ToolOverlay } from './overlay.js';

/** An operation that the operator made a tool. */
export interface ListedTool {
  readonly contract: ToolContract;
  readonly shape: OperationShape;
  readonly overlay: ToolOverlay;
  /** What answers whether it happened. */
  readonly asks: OperationShape | undefined;
}

const COMMON = { adapter: 'default', timeoutMs: 10_000, retry: { attempts: 4, baseDelayMs: 200, maxDelayMs: 5_000 }, concurrency: 8 } as const;
const LONGEST_DESCRIPTION = 2_000;

/** Contracts for the catalogue. Nothing is asked over the network. Throws like {@link listTools}. */
export function openApiContracts(document: OpenApiDocument, overlay: OpenApiOverlay): readonly ToolContract[] {
  return listTools(document, overlay).map(({ contract }) => contract);
}

/**
 * The tools that an overlay makes of a document. Throws `openapi.tool-invalid`, which names the tool, the operation and
 * what is wrong; with `isLenient`, for contracts that are only compared, tools that can
 * no longer be made are left out, and what the overlay does not foresee becomes a difference.
 */
export function listTools(document: OpenApiDocument, overlay: OpenApiOverlay, isLenient = false): readonly ListedTool[] {
  return Object.entries(overlay.tools).flatMap(([name, given]): readonly ListedTool[] => {
    const found = findOperation(document, given.operation);
    if (found === undefined && isLenient) return [];
    const refuse = (reason: string, cause?: unknown): never => {
      throw new HoldfastError({ code: 'openapi.tool-invalid', message: `The tool "${name}" cannot be made of the operation "${given.operation}": ${reason}.`, retryable: false, remedy: 'Correct the overlay, or the document.', cause });
    };
    if (found === undefined) return refuse('the document has no such operation');
    try {
      const shape = shapeOf(document, found);
      const fields = fieldsOf(name, shape, given, overlay, refuse);
      if (!isLenient) checkRoles(shape, given, refuse);
      const contract = isLenient ? describedContract(fields) : sealContract(fields);
      return contract === undefined ? [] : [{ contract, shape, overlay: given, asks: isLenient ? undefined : askingShape(document, given, refuse) }];
    } catch (cause) {
      // One tool that can no longer be made is as good as gone, and must not hide what became of the others.
      if (isLenient) return [];
      if (cause instanceof HoldfastError) throw cause;
      return refuse(cause instanceof Error ? cause.message : String(cause), cause);
    }
  });
}

function fieldsOf(name: string, shape: OperationShape, given: ToolOverlay, overlay: OpenApiOverlay, refuse: (reason: string) => never): ContractFields {
  const isReading = shape.method === 'GET' || shape.method === 'HEAD';
  const effect = given.effect ?? (isReading ? 'read' : refuse(`${shape.method} has effects, and the overlay names no "effect"`));
  const label = given.outputLabel ?? overlay.outputLabel ?? refuse('the overlay gives neither it nor all tools an "outputLabel"');
  const { operation: _operation, reconcile, ...options } = given;
  return {
    ...COMMON, ...defined(options), name, effect, identity: given.identity ?? [], roles: given.roles, input: { ...shape.input }, output: { ...shape.output },
    description: (given.description ?? shape.summary ?? refuse('neither the document nor the overlay describes it')).slice(0, LONGEST_DESCRIPTION),
    outputLabel: { ...label, fields: label.fields ?? {} }, ...(reconcile === undefined ? {} : { reconciles: true as const }),
  };
}

function checkRoles(shape: OperationShape, given: ToolOverlay, refuse: (reason: string) => never): void {
  const { unjudged: [unjudged], idle: [idle] } = unmatchedRoles(shape.input, given.roles);
  if (unjudged !== undefined) refuse(`its argument "${unjudged}" has no role in "roles"`);
  if (idle !== undefined) refuse(`there is a role for "${idle}", which is no argument`);
}

function askingShape(document: OpenApiDocument, { reconcile }: ToolOverlay, refuse: (reason: string) => never): OperationShape | undefined {
  if (reconcile === undefined) return undefined;
  const found = findOperation(document, reconcile.operation) ?? refuse(`"reconcile" names the operation "${reconcile.operation}", which the document does not have`);
  if (found.method !== 'GET') refuse(`"reconcile" names the operation "${reconcile.operation}", which does not only read`);
  const shape = shapeOf(document, found);
  for (const argument of Object.keys(reconcile.arguments)) if (!shape.placed.some((one) => one.argument === argument)) refuse(`"reconcile" fills the argument "${argument}", which "${reconcile.operation}" does not have`);
  return shape;
}
