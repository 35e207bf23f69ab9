import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { ApiRequest } from '../endpoints/ask-api.js';
import { InvalidRequest } from '../edge/problem.js';
import { checked, type Endpoint } from '../endpoints/endpoint.js';
import { schemaOf } from '../endpoints/openapi.js';

/** An endpoint as a tool: what stands in its path, its query and its body are the arguments of one object. */
export class EndpointTool {
  private readonly body: z.ZodType | undefined;

  constructor(readonly endpoint: Endpoint) {
    this.body = endpoint.body?.['application/json'];
  }

  /** How a client of the Model Context Protocol sees it. */
  describe(): Tool {
    const { id, summary, about, method } = this.endpoint;
    const parts = this.parts.map((part) => schemaOf(part, 'input') as { readonly properties?: Readonly<Record<string, object>>; readonly required?: readonly string[] });
    const properties: Record<string, object> = Object.assign({}, ...parts.map((part) => part.properties));
    const required = parts.flatMap((part) => part.required ?? []);
    if (this.whole !== undefined) properties['body'] = schemaOf(this.whole, 'input');
    return {
      name: id, description: about === undefined ? summary : `${summary} ${about}`,
      inputSchema: { type: 'object', properties, required: [...required, ...(this.whole === undefined ? [] : ['body'])], additionalProperties: false },
      annotations: { readOnlyHint: method === 'GET', openWorldHint: false },
    };
  }

  /** The request that a call stands for; the API judges it. Throws `request.invalid` for arguments that have no place in it. */
  request(given: Readonly<Record<string, unknown>>): ApiRequest {
    const { method, path, parameters = z.strictObject({}), query = z.strictObject({}) } = this.endpoint;
    const known = new Set(this.parts.flatMap(({ shape }) => Object.keys(shape)).concat(this.whole === undefined ? [] : ['body']));
    const strange = Object.keys(given).filter((name) => !known.has(name));
    if (strange.length > 0) throw new InvalidRequest(strange.map((name) => ({ pointer: `/${name.slice(0, 64)}`, detail: 'is no argument of this tool' })));
    const inPath = checked(parameters, only(given, parameters)) as Readonly<Record<string, string>>;
    const url = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(nameIn(inPath, name)));
    const search = new URLSearchParams(Object.entries(only(given, query)).map(([name, value]): [string, string] => [name, String(value)])).toString();
    const body = this.whole === undefined ? only(given, this.spread) : given['body'] ?? null;
    return { method, url: search === '' ? url : `${url}?${search}`, ...(method === 'GET' ? {} : { body }) };
  }

  private get parts(): readonly z.ZodObject[] {
    return [this.endpoint.parameters, this.endpoint.query, this.spread].filter((part) => part !== undefined);
  }

  /** A body that is one object has its members among the arguments. */
  private get spread(): z.ZodObject | undefined {
    return this.body instanceof z.ZodObject ? this.body : undefined;
  }

  /** Any other body stands under `body`. */
  private get whole(): z.ZodType | undefined {
    return this.spread === undefined ? this.body : undefined;
  }
}

function only(given: Readonly<Record<string, unknown>>, part: z.ZodObject | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => value !== undefined && part !== undefined && Object.hasOwn(part.shape, name)));
}

/** Dots alone, also encoded ones, mean another path (WHATWG URL, "double-dot URL path segment"). */
function nameIn(inPath: Readonly<Record<string, string>>, name: string): string {
  const value = String(inPath[name]);
  if (/^\.+$/.test(value)) throw new InvalidRequest([{ pointer: `/${name}`, detail: 'has to be a name' }]);
  return value;
}
