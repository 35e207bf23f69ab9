import createClient from 'openapi-fetch';
import type { paths } from '../../generated/api.js';
import { expireSession, token } from '../session/session.js';
import { problemFrom, problemOf } from './problem.js';

/** Every request has the person's key, and is cancelled by whoever asked. */
function authorized(request: Request): Promise<Response> {
  return fetch(new Request(request, { headers: withKey(request.headers), credentials: 'omit', cache: 'no-store' }));
}

/** The gateway's API, typed by its own description. Paths are the description's, such as `/v1/runs/{runId}`. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: authorized });

/** Asks for a stream of events. */
export function openStream(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
  return fetch(path, { headers: withKey(new Headers({ accept: 'text/event-stream', ...headers })), credentials: 'omit', cache: 'no-store', signal }).then((response) => {
    if (response.status === 401) void response.clone().json().then((body) => expireSession(problemOf(response, body)), () => expireSession(problemOf(response, undefined)));
    return response;
  });
}

/**
 * What the gateway answered. Throws a `Problem` for everything else; where the key is not taken any more, the person is also asked
 * to sign in again.
 */
export async function answerOf<T>(asked: Promise<{ readonly data?: T; readonly error?: unknown; readonly response: Response }>): Promise<T> {
  const { data, error, response } = await asked.catch((thrown: unknown) => { throw problemFrom(thrown); });
  if (response.ok) return data as T;
  const problem = problemOf(response, error);
  if (problem.status === 401) expireSession(problem);
  throw problem;
}

function withKey(headers: Headers): Headers {
  const copy = new Headers(headers);
  if (token.value !== undefined) copy.set('authorization', `Bearer ${token.value}`);
  return copy;
}
