import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Endpoint } from './endpoint.js';

/** A request of the API. */
export interface ApiRequest {
  readonly method: Endpoint['method'];
  readonly url: string;
  readonly body?: unknown;
}

/** Sends a request to the API, through everything that guards it. */
export type AskApi = (request: ApiRequest) => Promise<{ readonly status: number; readonly body: string }>;

/** The API as whoever sent this request may use it. Other protocols go through it, so that there is one way in. */
export function apiOf(server: FastifyInstance, { headers: { authorization = '', host = 'localhost' } }: Pick<FastifyRequest, 'headers'>): AskApi {
  return async ({ method, url, body }) => {
    const headers = { authorization, host, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const answer = await server.inject({ method, url, headers, ...(body === undefined ? {} : { payload: JSON.stringify(body) }) });
    return { status: answer.statusCode, body: answer.body };
  };
}
