import { ToolError, type HttpRequest } from '@holdfast/tool-sdk';
import type { OperationShape } from './operation.js';

/**
 * The request that a call makes. The origin is the operator's; arguments fill exactly their place: a value in a path stays
 * one segment, whatever characters it has. Throws a refusal where no encoding can keep it there.
 */
export function requestOf(shape: OperationShape, args: Readonly<Record<string, unknown>>, base: URL): Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'> {
  const given = shape.placed.filter(({ argument }) => args[argument] !== undefined);
  const at = (place: OperationShape['placed'][number]['place']): typeof given => given.filter((one) => one.place === place);
  const path = shape.path.replace(/\{([^}]+)\}/g, (_whole, name: string) => segment(name, args[name]));
  const url = new URL(`${base.href.replace(/\/$/, '')}${path}`);
  for (const { argument, isJoined } of at('query')) {
    const value = args[argument];
    const values = Array.isArray(value) ? (isJoined === true ? [value.map(text).join(',')] : value.map(text)) : [text(value)];
    for (const one of values) url.searchParams.append(argument, one);
  }
  const headers = Object.fromEntries(at('header').map(({ argument }) => [argument, headerValue(argument, args[argument])]));
  const inBody = at('body');
  const hasBody = inBody.length > 0 || shape.placed.some(({ place }) => place === 'body');
  const [whole] = inBody;
  const body = !hasBody ? undefined : shape.hasWholeBody ? (whole === undefined ? undefined : args[whole.argument]) : Object.fromEntries(inBody.map(({ argument }) => [argument, args[argument]]));
  return { method: shape.method, url, headers, ...(body === undefined ? {} : { body }) };
}

/** `.` and `..` mean another place even when they are encoded, and nothing would join two neighbours. */
function segment(name: string, value: unknown): string {
  const plain = Array.isArray(value) ? value.map(text).join(',') : text(value);
  if (plain === '' || plain === '.' || plain === '..') throw ToolError.refused({ code: 'openapi.path-argument', message: `The argument "${name}" is ${JSON.stringify(plain)}, which cannot stand in a path.`, remedy: `Give "${name}" a real value.` });
  return encodeURIComponent(plain);
}

function headerValue(name: string, value: unknown): string {
  const plain = Array.isArray(value) ? value.map(text).join(',') : text(value);
  if (/[^\t\x20-\x7e]/.test(plain)) throw ToolError.refused({ code: 'openapi.header-argument', message: `The argument "${name}" has characters that cannot stand in a header.`, remedy: `Use printable ASCII in "${name}".` });
  return plain;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
