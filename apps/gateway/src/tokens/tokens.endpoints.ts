import { z } from 'zod';
import type { Endpoint } from '../endpoints/endpoint.js';
import { runParameters } from '../runs/runs.endpoints.js';

const step = {
  basis: z.int().describe('The number of the plan commit that the model answers.'),
  attempt: z.int().describe('How often the step was taken up: above 1 another planner has taken over, or the step is tried again.'),
};

/** What a run's model says, as it may be shown. */
export const publicToken = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started'), ...step, model: z.string() }).describe('A model is asked. Whatever was received before of the same basis is void.'),
  z.object({ kind: z.literal('delta'), ...step, offset: z.int().describe('Characters before this text; more than was received when something was lost.'), text: z.string() }).describe('What it says, with the run\'s secrets replaced.'),
  z.object({ kind: z.literal('ended'), ...step, outcome: z.enum(['answered', 'failed', 'recorded']), reason: z.string().optional().describe('The code of a failure.') })
    .describe('It has answered, or failed and is asked again; `recorded`: an earlier attempt\'s answer counts, and what was received of it stands.'),
]);
export type PublicToken = z.infer<typeof publicToken>;

export const streamRunTokens: Endpoint = {
  id: 'streamRunTokens', method: 'GET', path: '/v1/runs/:runId/tokens', role: 'viewer', status: 200, parameters: runParameters,
  summary: 'What the run\'s model says while it says it (server-sent events "started", "delta" and "ended"; the data has the other members); closes when the run has ended, and is 204 when it had.',
  about: 'It may lose messages and promises nothing: the run\'s events say what was answered. A client that comes back with the id of the message received last is given what came after it, as far as it is still kept (the last 1,000 messages, ten minutes); without one it begins with the present step.',
  headers: { 'Last-Event-ID': 'The id of the message received last.' },
  answer: { 'text/event-stream': publicToken }, problems: [404],
};
