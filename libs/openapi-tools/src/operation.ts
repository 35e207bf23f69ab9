import { isObject } from '@holdfast/json-schema';
import { resolve, type FoundOperation, type Json, type OpenApiDocument } from './document.js';
import { standAlone } from './schemas.js';

/** Where an argument goes in the request. */
export interface Placed {
  readonly argument: string;
  readonly place: 'path' | 'query' | 'header' | 'body';
  /** In a query: an array as one value with commas instead of one parameter each. */
  readonly isJoined?: boolean;
}

/** An operation as a tool sees it: arguments as one flat object, and what to do with each. */
export interface OperationShape {
  readonly method: FoundOperation['method'];
  readonly path: string;
  readonly summary: string | undefined;
  readonly input: Json;
  readonly output: Json;
  readonly placed: readonly Placed[];
  /** The body is one argument, because it is no plain object. */
  readonly hasWholeBody: boolean;
  /** The answer has no content that a schema describes; status and address stand for it. */
  readonly isBare: boolean;
}

/** Headers that say who asks and how; nobody else but the adapter sets them. */
const RESERVED = new Set(['host', 'authorization', 'cookie', 'idempotency-key', 'content-type', 'content-length', 'transfer-encoding', 'connection', 'accept', 'traceparent', 'tracestate', 'grpc-timeout', 'proxy-authorization']);
const BODY = 'body';
const bare: Json = { type: 'object', properties: { status: { type: 'integer' }, location: { type: 'string' } }, required: ['status'] };

/** Throws `Error` with what cannot be expressed. */
export function shapeOf(document: OpenApiDocument, found: FoundOperation): OperationShape {
  const defs = new Map<string, unknown>();
  const properties: Record<string, unknown> = {};
  const required: string[] = [];
  const placed: Placed[] = [];
  const add = (argument: string, schema: unknown, isRequired: boolean, place: Omit<Placed, 'argument'>): void => {
    if (Object.hasOwn(properties, argument)) throw new Error(`two arguments are named "${argument}"`);
    properties[argument] = schema;
    if (isRequired) required.push(argument);
    placed.push({ argument, ...place });
  };
  for (const parameter of parametersOf(document, found)) {
    const { name, in: place, schema = {}, description } = parameter as { name: string; in: string; schema?: unknown; description?: string };
    if (place === 'cookie') throw new Error(`the parameter "${name}" is a cookie, which tools do not send`);
    if (place !== 'path' && place !== 'query' && place !== 'header') throw new Error(`the parameter "${name}" is in "${place}"`);
    if (place === 'header' && RESERVED.has(name.toLowerCase())) continue;
    const style = parameter['style'] ?? (place === 'query' ? 'form' : 'simple');
    if (style !== (place === 'query' ? 'form' : 'simple')) throw new Error(`the parameter "${name}" has the style "${String(style)}", which is not supported`);
    const own = standAlone(document, schema, 'input', defs);
    add(name, isObject(own) && description !== undefined ? { description, ...own } : own, place === 'path' || parameter['required'] === true, { place, ...(place === 'query' && parameter['explode'] === false ? { isJoined: true } : {}) });
  }
  const body = resolve(document, found.operation['requestBody']);
  const bodySchema = body === undefined ? undefined : jsonContent(body);
  if (body !== undefined && bodySchema === undefined) throw new Error('its body is not application/json');
  const flat = bodySchema === undefined ? undefined : flatObject(document, bodySchema);
  if (flat !== undefined) {
    const own = standAlone(document, flat, 'input', defs) as { properties: Json; required?: readonly string[] };
    for (const [name, schema] of Object.entries(own.properties)) add(name, schema, body?.['required'] === true && own.required?.includes(name) === true, { place: 'body' });
  } else if (bodySchema !== undefined) {
    add(BODY, standAlone(document, bodySchema, 'input', defs), body?.['required'] === true, { place: 'body' });
  }
  const answers = answersOf(document, found);
  const { method, path, operation } = found;
  return {
    method, path, placed, hasWholeBody: bodySchema !== undefined && flat === undefined, isBare: answers.length === 0,
    summary: [operation['summary'], operation['description']].filter((text) => typeof text === 'string').join('. ') || undefined,
    input: { type: 'object', properties, ...(required.length === 0 ? {} : { required }), additionalProperties: false, ...defsOf(defs) },
    output: outputOf(document, answers),
  };
}

/** The operation's parameters, which override those of its path. */
function parametersOf(document: OpenApiDocument, { operation, shared }: FoundOperation): readonly Json[] {
  const own = Array.isArray(operation['parameters']) ? (operation['parameters'] as readonly unknown[]) : [];
  const all = [...shared, ...own].map((parameter) => {
    const found = resolve(document, parameter);
    if (found === undefined) throw new Error('a parameter leads nowhere');
    return found;
  });
  return [...new Map(all.map((parameter) => [`${String(parameter['in'])} ${String(parameter['name'])}`, parameter])).values()];
}

function jsonContent(holder: Json): unknown {
  const content = isObject(holder['content']) ? holder['content'] : {};
  const [, media] = Object.entries(content).find(([type]) => /^application\/([a-z0-9.-]+\+)?json\b/i.test(type)) ?? [];
  return isObject(media) ? (media['schema'] ?? {}) : undefined;
}

/** The schema of a body whose properties can be arguments of their own. */
function flatObject(document: OpenApiDocument, schema: unknown): Json | undefined {
  const resolved = resolve(document, schema);
  const isPlain = resolved !== undefined && isObject(resolved['properties']) && !['allOf', 'anyOf', 'oneOf', 'if', 'patternProperties'].some((key) => key in resolved);
  return isPlain && !isObject(resolved['additionalProperties']) ? resolved : undefined;
}

function answersOf(document: OpenApiDocument, { operation }: FoundOperation): readonly unknown[] {
  const responses = isObject(operation['responses']) ? operation['responses'] : {};
  return Object.entries(responses).filter(([status]) => /^2(\d\d|XX)$/i.test(status)).flatMap(([, response]) => {
    const schema = jsonContent(resolve(document, response) ?? {});
    return schema === undefined ? [] : [schema];
  });
}

function outputOf(document: OpenApiDocument, answers: readonly unknown[]): Json {
  if (answers.length === 0) return bare;
  const defs = new Map<string, unknown>();
  const schemas = answers.map((schema) => standAlone(document, schema, 'output', defs));
  const whole = schemas.length === 1 ? schemas[0] : { anyOf: schemas };
  return { ...(isObject(whole) ? whole : {}), ...defsOf(defs) };
}

function defsOf(defs: ReadonlyMap<string, unknown>): Json {
  return defs.size === 0 ? {} : { $defs: Object.fromEntries(defs) };
}
