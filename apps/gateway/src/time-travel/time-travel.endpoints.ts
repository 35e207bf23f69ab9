import { z } from 'zod';
import { runId } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';
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
