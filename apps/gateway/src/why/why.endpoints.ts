import { z } from 'zod';
import type { Endpoint } from '../endpoints/endpoint.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { why } from './why.schema.js';

export const whyParameters = runParameters.extend({ commitNumber: z.coerce.number().int().positive() });
export const whyQuery = z.strictObject({ effect: z.string().min(1).max(64).describe('The id of a call.') });

/** The media type of Mermaid's diagrams. */
export const MERMAID = 'text/vnd.mermaid';

const answer = { 'application/json': why, 'text/plain': z.string(), [MERMAID]: z.string() };
const headers = { Accept: '`text/plain` for an indented text, `text/vnd.mermaid` for a flowchart of Mermaid.' };

export const whyCommit: Endpoint = {
  id: 'whyCommit', method: 'GET', path: '/v1/runs/:runId/why/:commitNumber', role: 'viewer', status: 200, parameters: whyParameters,
  summary: 'Why a commit was made: the causal chain of its calls, read from the log and checked against the hash chain.',
  headers, answer, problems: [404],
};

export const whyEffect: Endpoint = {
  id: 'whyEffect', method: 'GET', path: '/v1/runs/:runId/why', role: 'viewer', status: 200, parameters: runParameters, query: whyQuery,
  summary: 'Why a call was made, or refused: its causal chain, read from the log and checked against the hash chain.',
  headers, answer, problems: [404],
};
