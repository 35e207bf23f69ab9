import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { problem } from '../edge/problem.js';
import type { Endpoint } from './endpoint.js';

type Schema = Record<string, unknown>;

/** Problems that every endpoint may give. */
const COMMON_PROBLEMS: readonly number[] = [400, 401, 403, 503];

/** The OpenAPI 3.1 description of endpoints, made of the very schemas that check requests. */
export function describe(endpoints: readonly Endpoint[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint) };
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: 'Holdfast gateway', version, description: 'Starts, shows and steers runs of agents. Errors are problem+json (RFC 9457) with a stable code, whether to retry, and the remedy.', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/', description: 'The gateway that serves this description.' }],
    security: [{ apiKey: [] }],
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'A key of this installation, or a token of an issuer that it trusts: either belongs to one tenant and has the roles viewer, operator, approver or admin.' } },
      schemas: { Problem: schemaOf(problem, 'output') },
    },
  };
}

function operation(endpoint: Endpoint): Record<string, unknown> {
  const problems = [...new Set([...COMMON_PROBLEMS, ...(endpoint.problems ?? [])])].sort();
  const problemAnswer = (status: number): Schema => ({ description: STATUS_CODES[status] ?? 'Problem', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } });
  return {
    operationId: endpoint.id,
    summary: endpoint.summary,
    description: `${endpoint.about === undefined ? '' : `${endpoint.about} `}Needs the role \`${endpoint.role}\`.`,
    'x-role': endpoint.role,
    parameters: [
      ...parametersOf(endpoint.parameters, 'path'),
      ...parametersOf(endpoint.query, 'query'),
      ...Object.entries(endpoint.headers ?? {}).map(([name, description]) => ({ name, in: 'header', required: false, description, schema: { type: 'string' } })),
    ],
    ...(endpoint.body === undefined ? {} : { requestBody: { required: true, content: contentOf(endpoint.body, 'input') } }),
    responses: {
      [endpoint.status]: { description: STATUS_CODES[endpoint.status] ?? 'OK', content: contentOf(endpoint.answer, 'output') },
      ...Object.fromEntries(problems.map((status) => [status, problemAnswer(status)])),
    },
  };
}

function contentOf(schemas: Readonly<Record<string, z.ZodType>>, direction: 'input' | 'output'): Schema {
  return Object.fromEntries(Object.entries(schemas).map(([mediaType, schema]) => [mediaType, { schema: schemaOf(schema, direction) }]));
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): readonly Schema[] {
  if (schema === undefined) return [];
  const json = schemaOf(schema, 'output') as { properties?: Record<string, Schema> };
  return Object.entries(json.properties ?? {}).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || !schema.shape[name]?.safeParse(undefined).success,
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

/** What JSON Schema cannot say (a check of ours) is left out rather than refused. */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' });
  return rest;
}
