import { z } from 'zod';

const base = {
  /** A route as {@link routeOf} writes it: `POST /payments`. */
  on: z.string().min(3).max(300),
  /** The n-th request of that route, from 1. */
  nth: z.int().min(1).max(1_000).default(1),
  /** How many requests it meets, that one and those after it. */
  times: z.int().min(1).max(10_000).default(1),
};
const milliseconds = z.int().min(1).max(60_000);
/** A dotted path into the answer's JSON, lists by number. */
const field = z.string().min(1).max(300);

/**
 * What happens between a tool and the system that it acts upon:
 * - `lose-request`: the connection is cut before anything was sent on;
 * - `lose-answer`: the request is sent on, and the connection is cut instead of answering;
 * - `duplicate`: the request is sent on twice at once, and one of the answers is given;
 * - `arrive-late`: the connection is cut, and the request is sent on behind the next of its route, or after `milliseconds` without one;
 * - `slow`: the request is sent on after `milliseconds`;
 * - `slow-answer`: the request is sent on at once, and its answer is given after `milliseconds`;
 * - `hang`: nothing is sent on and nothing is answered;
 * - `refuse`: 503 with Retry-After 0; with `times` above 1, a system that flaps;
 * - `drift`: the answer's JSON has a field `renamed`, `retyped`, `removed` or `added`;
 * - `inject`: a text stands behind what a string of the answer says.
 */
export const httpFault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['lose-request', 'lose-answer', 'duplicate', 'hang', 'refuse']), ...base }),
  z.strictObject({ kind: z.enum(['slow', 'slow-answer', 'arrive-late']), ...base, milliseconds }),
  z.strictObject({ kind: z.literal('drift'), ...base, change: z.enum(['renamed', 'retyped', 'removed', 'added']), field }),
  z.strictObject({ kind: z.literal('inject'), ...base, field, text: z.string().min(1).max(4_000) }),
]);
export type HttpFault = z.infer<typeof httpFault>;

/** One request that passed between tools and the world. */
export const exchange = z.object({
  route: z.string(),
  /** Its number among those of its route since the faults were set. */
  nth: z.int(),
  method: z.string(),
  /** Dotted paths of the leaves of an answer in JSON, with their types; at most 200. */
  fields: z.array(z.object({ field: z.string(), type: z.enum(['string', 'number', 'boolean', 'null', 'object']) })).readonly(),
});
export type Exchange = z.infer<typeof exchange>;

export const observedHttp = z.object({
  exchanges: z.array(exchange).readonly(),
  /** For each fault, in order, how many requests it met. */
  fired: z.array(z.int()).readonly(),
});
export type ObservedHttp = z.infer<typeof observedHttp>;

/** The method and the path, without the query; a part that has a digit in it is a name of something, written `:id`. */
export function routeOf(method: string, path: string): string {
  const parts = (path.split('?')[0] ?? '/').split('/').map((part) => (/\d/.test(part) ? ':id' : part));
  return `${method} ${parts.join('/')}`;
}
