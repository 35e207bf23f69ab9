import { z } from 'zod';
import { instant, runId, toolName } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';
import { UNTIL_READ } from '../runs/runs.endpoints.js';

export const inDoubtQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50).describe('Runs that are looked at, those changed last first.') });

const doubtedCall = z.object({ runId, callId: z.string(), agent: z.string(), goal: z.string(), since: instant });

export const doubtedOperation = z.object({
  operation: z.string().describe('The operation\'s key; one that an earlier release left in doubt has the name `<run>:<call>`.'),
  tool: toolName,
  arguments: z.record(z.string(), z.unknown()),
  since: instant.describe('When it was first found to be in doubt.'),
  reason: z.string(),
  calls: z.array(doubtedCall).describe('Every call that waits for a word about it; one word is told to all of them.'),
});
export const doubtedList = z.object({ operations: z.array(doubtedOperation), more: z.boolean().describe('True when further runs are in doubt.') });

export const operationParameters = z.strictObject({ operation: z.string().regex(/^([0-9a-f]{64}|[A-Za-z0-9_-]{1,64}:[A-Za-z0-9_-]{1,64})$/, 'must be an operation as the list names it') });

const comment = z.string().max(4_000).default('').describe('What was found, and where.');
export const operationResolution = z.discriminatedUnion('resolution', [
  z.strictObject({ resolution: z.literal('happened'), result: z.unknown().refine((given) => given !== undefined, 'must be given').describe('As the tool\'s output schema has it; the run is given it.'), comment }),
  z.strictObject({ resolution: z.literal('did-not-happen'), comment }),
  z.strictObject({ resolution: z.literal('retry'), comment }),
]);

export const resolutionStored = z.object({
  operation: z.string(),
  facts: z.array(z.object({ runId, callId: z.string(), factId: z.string(), duplicate: z.boolean() })).describe('One for each call that waited.'),
});

export const listInDoubt: Endpoint = {
  id: 'listInDoubt', method: 'GET', path: '/v1/in-doubt', role: 'viewer', status: 200, query: inDoubtQuery,
  summary: 'Operations that may or may not have happened: their tool can neither be asked nor asked again, so their runs wait for a person\'s word.',
  about: `Covers every run that has not ended. ${UNTIL_READ}`,
  answer: { 'application/json': doubtedList },
};

export const resolveOperation: Endpoint = {
  id: 'resolveOperation', method: 'POST', path: '/v1/in-doubt/:operation', role: 'approver', status: 202, parameters: operationParameters,
  summary: 'Says what was found out about an operation in doubt: that it happened, with its result; that it did not; or that it did not and is to be tried again.',
  about: 'Look into the system of record first. The word is recorded under the key\'s name, in the log of every run that waits for it and in the ledger of operations, where the first word counts.',
  body: { 'application/json': operationResolution }, answer: { 'application/json': resolutionStored }, problems: [404, 422],
};
