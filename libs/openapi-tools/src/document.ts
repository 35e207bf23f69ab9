import { readFile } from 'node:fs/promises';
import { HoldfastError } from '@holdfast/contracts';
import { isObject, referenced } from '@holdfast/json-schema';
import { upgrade, validate } from '@scalar/openapi-parser';
import { parse } from 'yaml';

export type Json = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document; one of 3.0 is brought up to 3.1 when it is read. */
export interface OpenApiDocument extends Json {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Json>>;
}

/** One operation of a document, with everything that belongs to it. */
export interface FoundOperation {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly operation: Json;
  /** Parameters of the path item, which those of the operation override. */
  readonly shared: readonly unknown[];
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const FETCH_MS = 10_000;

/**
 * Reads a document from a file or an http address. Throws `openapi.unreadable` (retryable for an address, which may be
 * away) and `openapi.invalid`, which says what is wrong.
 */
export async function readDocument(location: string, fetch: typeof globalThis.fetch = globalThis.fetch): Promise<OpenApiDocument> {
  const isAddress = /^https?:/.test(location);
  let text: string;
  try {
    text = isAddress ? await fetched(location, fetch) : await readFile(location, 'utf8');
  } catch (cause) {
    throw new HoldfastError({ code: 'openapi.unreadable', message: `The OpenAPI document "${location}" cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, retryable: isAddress, remedy: isAddress ? 'Check the address and that the server is up.' : 'Correct the path.', cause });
  }
  return parseDocument(text, location);
}

async function fetched(location: string, fetch: typeof globalThis.fetch): Promise<string> {
  const answer = await fetch(location, { redirect: 'error', signal: AbortSignal.timeout(FETCH_MS), headers: { accept: 'application/json, application/yaml' } });
  if (!answer.ok) throw new Error(`it was answered with ${answer.status}`);
  return answer.text();
}

/** Throws `openapi.invalid`. */
export async function parseDocument(text: string, name: string): Promise<OpenApiDocument> {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw invalid(name, cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause), cause);
  }
  if (!isObject(value) || typeof value['openapi'] !== 'string' || !/^3\.[01]\./.test(value['openapi'])) throw invalid(name, 'it does not say "openapi: 3.1.…" or "3.0.…"');
  if (!isObject(value['paths'])) throw invalid(name, 'it has no "paths"');
  const { valid, errors } = await validate(JSON.stringify(value));
  if (!valid) throw invalid(name, (errors ?? []).slice(0, 5).map(({ message }) => message).join('; '));
  const current = value['openapi'].startsWith('3.0') ? (upgrade(JSON.stringify(value)).specification as unknown) : value;
  return current as OpenApiDocument;
}

/** An operation by its operationId, or by method and path (`POST /payments`). Undefined when there is none. */
export function findOperation(document: OpenApiDocument, wanted: string): FoundOperation | undefined {
  for (const [path, item] of Object.entries(document.paths)) {
    const resolved = resolve(document, item);
    for (const method of METHODS) {
      const operation = resolved?.[method.toLowerCase()];
      if (!isObject(operation)) continue;
      if (operation['operationId'] === wanted || `${method} ${path}` === wanted) return { method, path, operation, shared: Array.isArray(resolved?.['parameters']) ? resolved['parameters'] : [] };
    }
  }
  return undefined;
}

/** What a value, or the reference in its place, stands for; references leave the document nowhere. */
export function resolve(document: OpenApiDocument, value: unknown): Json | undefined {
  let each = value;
  for (let depth = 0; depth < 20 && isObject(each); depth += 1) {
    const reference = each['$ref'];
    if (typeof reference !== 'string') return each;
    each = referenced(document, reference);
  }
  return undefined;
}

function invalid(name: string, reason: string, cause?: unknown): HoldfastError {
  return new HoldfastError({ code: 'openapi.invalid', message: `The OpenAPI document "${name}" cannot be used: ${reason}.`, retryable: false, remedy: 'Correct the document.', cause });
}
