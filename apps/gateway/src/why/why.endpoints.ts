import { z } from 'zod';
import type { Endpoint } from '../endpoints/endpoint.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { why, whyGraph } from './why.schema.js';

export const whyParameters = runParameters.extend({ commitNumber: z.coerce.number().int().positive() });
export const whyQuery = z.strictObject({ effect: z.string().min(1).max(64).describe('The id of a call, or the key of its operation.') });

/** The media type of Mermaid's diagrams. */
export const MERMAID = 'text/vnd.mermaid';

/** The media type of the chain as nodes and edges. */
export const GRAPH = 'application/vnd.holdfast.why-graph+json';

const answer = { 'application/json': why, 'text/plain': z.string(), [MERMAID]: z.string(), [GRAPH]: whyGraph };
const headers = { Accept: `\`text/plain\` for an indented text, \`${MERMAID}\` for a flowchart of Mermaid, \`${GRAPH}\` for nodes and edges.` };
const about = 'Goes on into the run that started this one, or at which it was forked. A broken link is told as such, in every form: nothing from there on is to be trusted.';

export const whyCommit: Endpoint = {
  id: 'whyCommit', method: 'GET', path: '/v1/runs/:runId/why/:commitNumber', role: 'viewer', status: 200, parameters: whyParameters,
  summary: 'Why a commit was made: the causal chain of its calls, read from the log and checked against the hash chain.',
  about, headers, answer, problems: [404],
};

export const whyEffect: Endpoint = {
  id: 'whyEffect', method: 'GET', path: '/v1/runs/:runId/why', role: 'viewer', status: 200, parameters: runParameters, query: whyQuery,
  summary: 'Why a call was made, or refused: its causal chain, read from the log and checked against the hash chain.',
  about, headers, answer, problems: [404],
};
