import { z } from 'zod';
import { digest, runId } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';
import { publicEvent } from './public-event.js';
import { runDetail } from './run-detail.js';
import { runStatus, runSummary } from './run-summary.js';

export const runParameters = z.strictObject({ runId });

export const listQuery = z.strictObject({
  status: runStatus.optional(),
  agent: z.string().min(1).max(64).optional(),
  type: z.string().min(1).max(256).optional(),
  cursor: z.string().max(512).optional().describe('The `next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const runList = z.object({ runs: z.array(runSummary), next: z.string().optional().describe('The cursor of the next page; absent on the last.') });
export const eventList = z.object({
  runId,
  head: z.object({ commit: z.int(), hash: digest }),
  ended: z.boolean(),
  events: z.array(publicEvent),
});

/** For endpoints that answer from what the gateway makes of the whole log. */
export const UNTIL_READ = 'A gateway that has just started reads the log for this first and answers 503 (`gateway.catching-up`, with Retry-After) meanwhile; everything that names one run answers at once.';

export const listRuns: Endpoint = {
  id: 'listRuns', method: 'GET', path: '/v1/runs', role: 'viewer', status: 200, query: listQuery,
  summary: 'Runs by last change, latest first.',
  about: `Covers every run that has not ended and, over all tenants, the ones that ended last (20,000 unless HOLDFAST_INDEXED_RUNS says otherwise); any other can be read by its id. ${UNTIL_READ}`,
  answer: { 'application/json': runList },
};

export const getRun: Endpoint = {
  id: 'getRun', method: 'GET', path: '/v1/runs/:runId', role: 'viewer', status: 200, parameters: runParameters,
  summary: 'A run: its task, its steps with what became of each call, its approvals, and how it stands.',
  answer: { 'application/json': runDetail }, problems: [404],
};

export const listRunEvents: Endpoint = {
  id: 'listRunEvents', method: 'GET', path: '/v1/runs/:runId/events', role: 'viewer', status: 200, parameters: runParameters,
  summary: 'Everything that happened in a run, in order. Permits and secret values are left out.',
  answer: { 'application/json': eventList }, problems: [404],
};
