import { ToolError, type HttpRequest } from '@holdfast/tool-sdk';
import type { OperationShape } from './operation.js';

/** A request that credentials can still be put on. */
export interface OperationRequest {
  readonly method: HttpRequest['method'];
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/**
 * The request that a call makes. The origin is the operator's; arguments fill exactly their place: a value in a path stays
 * one segment, whatever characters it has. Throws a refusal where no encoding can keep it there.
 */
export function requestOf(shape: OperationShape, args: Readonly<Record<string, unknown>>, base: URL): OperationRequest {
  const given = shape.placed.filter(({ argument }) => args[argument] !== undefined);
  const at = (place: OperationShape['placed'][number]['place']): typeof given => given.filter((one) => one.place === place);
  const path = shape.path.replace(/\{([^}]+)\}/g, (_whole, name: string) => segment(name, args[name]));
  const url = new URL(`${base.href.replace(/\/$/, '')}${path}`);
  for (const { argument, isJoined } of at('query')) {
    const value = args[argument];
    const values = Array.isArray(value) && isJoined !== true ? value.map(text) : [joined(value)];
    for (const one of values) url.searchParams.append(argument, one);
  }
  const headers = Object.fromEntries(at('header').map(({ argument }) => [argument, headerValue(argument, args[argument])]));
  const body = bodyOf(shape, Object.fromEntries(at('body').map(({ argument }) => [argument, args[argument]])));
  return { method: shape.method, url, headers, ...(body === undefined ? {} : { body }) };
}

/** Undefined where the operation takes none, or the call gives none. */
function bodyOf({ placed, hasWholeBody }: OperationShape, given: Readonly<Record<string, unknown>>): unknown {
  if (hasWholeBody) return Object.values(given)[0];
  return placed.some(({ place }) => place === 'body') ? given : undefined;
}

/** `.` and `..` mean another place even when they are encoded, and nothing would join two neighbours. */
function segment(name: string, value: unknown): string {
  const plain = joined(value);
  if (plain === '' || plain === '.' || plain === '..') throw ToolError.refused({ code: 'openapi.path-argument', message: `The argument "${name}" is ${JSON.stringify(plain)}, which cannot stand in a path.`, remedy: `Give "${name}" a real value.` });
  return encodeURIComponent(plain);
}

function headerValue(name: string, value: unknown): string {
  const plain = joined(value);
  if (/[^\t\x20-\x7e]/.test(plain)) throw ToolError.refused({ code: 'openapi.header-argument', message: `The argument "${name}" has characters that cannot stand in a header.`, remedy: `Use printable ASCII in "${name}".` });
  return plain;
}

function joined(value: unknown): string {
  return Array.isArray(value) ? value.map(text).join(',') : text(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
