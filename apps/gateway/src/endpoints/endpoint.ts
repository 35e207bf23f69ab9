import 'reflect-metadata';
import { HttpCode, RequestMapping, RequestMethod, SetMetadata, applyDecorators } from '@nestjs/common';
import type { z } from 'zod';
import type { ApiRole } from '../edge/api-keys.js';
import { InvalidRequest } from '../edge/problem.js';

/** One endpoint as data: its route, the role it needs and its schemas. Nest's routes, the guard and OpenAPI read it. */
export interface Endpoint {
  /** The operation's name in OpenAPI. */
  readonly id: string;
  readonly method: 'GET' | 'POST';
  /** With parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  /** What a caller has to know beyond the summary. */
  readonly about?: string;
  readonly role: ApiRole;
  readonly status: 200 | 202;
  readonly parameters?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Bodies by media type. */
  readonly body?: Readonly<Record<string, z.ZodType>>;
  /** Answers by media type. */
  readonly answer: Readonly<Record<string, z.ZodType>>;
  /** Request headers that mean something here. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses of the problems that belong to this endpoint, beside those that any may give (400, 401, 403, 503). */
  readonly problems?: readonly number[];
}

const ENDPOINT = 'holdfast:endpoint';

/** Makes a controller's method serve an endpoint. */
export function Serves(endpoint: Endpoint): MethodDecorator {
  return applyDecorators(
    RequestMapping({ path: endpoint.path, method: endpoint.method === 'GET' ? RequestMethod.GET : RequestMethod.POST }),
    HttpCode(endpoint.status),
    SetMetadata(ENDPOINT, endpoint),
  );
}

/** The endpoint that a controller's method serves. */
export function endpointOf(handler: object): Endpoint | undefined {
  return Reflect.getMetadata(ENDPOINT, handler) as Endpoint | undefined;
}

/** Checks a part of a request. Throws `request.invalid` with every fault and its place. */
export function checked<T>(schema: z.ZodType<T>, value: unknown, place = ''): T {
  const parsed = schema.safeParse(value ?? {});
  if (!parsed.success) throw InvalidRequest.from(parsed.error, place);
  return parsed.data;
}
