import { z } from 'zod';
import { digest, runId } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';
import { factStored, idempotencyKey } from '../people/people.endpoints.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { runComparison } from './comparison.js';
import { runDifference } from './difference.js';
import { runState } from './run-state.js';

const commitNumber = z.coerce.number().int().positive();

export const stateQuery = z.strictObject({ at: commitNumber.optional().describe('The number of a commit; the last when left out.') });
export const differenceQuery = z.strictObject({ from: commitNumber, to: commitNumber.optional().describe('The last commit when left out.') });
export const comparisonQuery = z.strictObject({ with: runId.describe('The other run, which comes to stand on the right.') });

export const getRunState: Endpoint = {
  id: 'getRunState', method: 'GET', path: '/v1/runs/:runId/state', role: 'viewer', status: 200, parameters: runParameters, query: stateQuery,
  summary: 'A run as it stood after any of its commits, folded from the log by the rules by which it runs.',
  about: 'Secrets and permits are left out, also of states before the log called something secret.',
  answer: { 'application/json': runState }, problems: [404],
};

export const getRunDifference: Endpoint = {
  id: 'getRunDifference', method: 'GET', path: '/v1/runs/:runId/difference', role: 'viewer', status: 200, parameters: runParameters, query: differenceQuery,
  summary: 'What changed in a run from one commit to another: the events between them, and a JSON Patch (RFC 6902) of its state.',
  answer: { 'application/json': runDifference }, problems: [404],
};

export const compareRun: Endpoint = {
  id: 'compareRun', method: 'GET', path: '/v1/runs/:runId/comparison', role: 'viewer', status: 200, parameters: runParameters, query: comparisonQuery,
  summary: 'Two runs beside each other, step by step: what they share, where they part, and what each decided, was allowed, got and used.',
  about: 'Meant for a fork and the run at which it began, whose common steps come first; any two runs of a tenant can be compared.',
  answer: { 'application/json': runComparison }, problems: [404],
};

export const forkRequest = z.strictObject({
  mode: z.enum(['fork', 'retry']).describe('`fork` tries another way beside the run; `retry` goes on where a run that has ended went wrong, and takes over what can be undone.'),
  at: z.int().positive().optional().describe('The commit after which the new run begins; the last when left out.'),
  agent: z.string().min(1).max(64).optional().describe('The agent that goes on; the run\'s own when left out.'),
  version: digest.optional().describe('Which version of it; the one that new tasks get when left out. Another model, prompt or set of tools is another version: POST /v1/agents/:name publishes one.'),
  effects: z.enum(['real', 'simulated']).optional().describe('`simulated`: calls that change something are not made; what the log holds of the same call is taken, and otherwise an outcome that says that it is simulated. Left out, a fork is simulated, and a retry is real.'),
  reason: z.string().max(4_000).default(''),
});

export const forkRun: Endpoint = {
  id: 'forkRun', method: 'POST', path: '/v1/runs/:runId/forks', role: 'operator', status: 202, parameters: runParameters,
  summary: 'Begins a new run where this one stood after any of its commits: to try another way, or to try again from there.',
  about: 'The answer names the new run, which has a log of its own; the other stays as it is. Policy judges the new run as any other, with the labels of all that the old one had read.',
  headers: idempotencyKey, body: { 'application/json': forkRequest }, answer: { 'application/json': factStored }, problems: [404, 409, 410],
};
