import { expect } from '@jest/globals';
import { problem, type Problem } from '../edge/problem.js';
import type { Endpoint } from '../endpoints/endpoint.js';
import { bearer, type KEYS } from '../gateway.fixture.js';
import type { Asked } from './row.fixture.js';

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The address of a request to an endpoint. */
export function addressOf({ path }: Pick<Endpoint, 'path'>, asked: Asked): string {
  const address = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(asked.path?.[name] ?? 'none'));
  const query = new URLSearchParams(asked.query).toString();
  return query === '' ? address : `${address}?${query}`;
}

/** Sends a request as somebody, or as whoever `headers` say. A live stream is left as soon as it has begun. */
export async function send(url: string, endpoint: Pick<Endpoint, 'method' | 'path'>, asked: Asked, who?: keyof typeof KEYS): Promise<Told> {
  const headers = { ...(who === undefined ? {} : bearer(who)), ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }), ...asked.headers };
  const leave = new AbortController();
  const answer = await fetch(`${url}${addressOf(endpoint, asked)}`, { method: endpoint.method, headers, signal: leave.signal, ...(asked.body === undefined ? {} : { body: typeof asked.body === 'string' && headers['content-type'] !== 'application/json' ? asked.body : JSON.stringify(asked.body) }) });
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const text = isStream ? '' : await answer.text();
  if (isStream) leave.abort();
  return { status: answer.status, headers: answer.headers, text };
}

/** What no answer may let slip: where in our code something was thrown. */
const TRACE = /\bat \S+ \(|node_modules|\.[jt]s:\d+/;

/** Expects a refusal that a program can act upon and a person understands; tells its code. */
export function codeOf({ status, headers, text }: Told): string {
  expect({ status, text }).toEqual({ status: expect.any(Number), text: expect.not.stringMatching(TRACE) });
  expect({ text, type: headers.get('content-type') }).toEqual({ text, type: 'application/problem+json; charset=utf-8' });
  const told = problem.strict().parse(JSON.parse(text)) as Problem;
  expect(told).toMatchObject({ status, type: `urn:holdfast:problem:${told.code}`, code: expect.stringMatching(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/), detail: expect.stringMatching(/./), remedy: expect.stringMatching(/./) });
  if (status === 401) expect(headers.get('www-authenticate')).toContain('Bearer');
  if (status === 429 || status === 503) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  return told.code;
}
