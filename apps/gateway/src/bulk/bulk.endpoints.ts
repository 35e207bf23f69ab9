import { z } from 'zod';
import { digest, instant, runId } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';
import { signalParameters } from '../people/people.endpoints.js';
import { UNTIL_READ } from '../runs/runs.endpoints.js';
import { runSummary } from '../runs/run-summary.js';

export const MOST_RUNS = 1_000;
export const SAMPLE = 20;

export const bulkAction = z.enum(['cancel', 'abort', 'pause', 'resume', 'signal', 'retry']);

const openStatus = z.enum(['running', 'waiting', 'paused', 'stopping']);
/** What has ended and may be retried; whoever wants a completed run again retries it by itself. */
const retriedStatus = z.enum(['failed', 'cancelled']);

/** Runs by what the list of runs filters by; all that is named has to fit. */
export const bulkFilter = z.strictObject({
  status: z.enum([...openStatus.options, ...retriedStatus.options]).optional().describe('`failed` and `cancelled` are for `retry` alone, which takes those that failed when left out; the others are for everything else.'),
  agent: z.string().min(1).max(64).optional(),
  type: z.string().min(1).max(256).optional(),
  changedAfter: instant.optional().describe('Runs whose last commit is later.'),
  changedBefore: instant.optional().describe('Runs whose last commit is earlier.'),
});

export const bulkRequest = z.strictObject({
  action: bulkAction,
  filter: bulkFilter.describe('Whatever it names; `{}` for every run that has not ended, or, for `retry`, that failed.'),
  signal: z.strictObject({ name: signalParameters.shape.name, payload: z.unknown().default(null) }).optional().describe('What `signal` tells each run; the payload is any JSON.'),
  reason: z.string().max(4_000).default(''),
  limit: z.int().min(1).max(MOST_RUNS).default(MOST_RUNS).describe('Runs at most, those changed last first.'),
  shown: z.strictObject({ at: instant, runs: z.array(runId).min(1).max(MOST_RUNS), digest }).optional()
    .describe('What a dry run answered as `shown`. With it the request is carried out on these very runs; without it nothing is done.'),
}).superRefine(({ action, filter: { status }, signal }, { addIssue }) => {
  if ((action === 'signal') !== (signal !== undefined)) addIssue({ code: 'custom', path: ['signal'], message: action === 'signal' ? 'is needed to signal' : 'belongs to the action "signal" alone' });
  const statuses: z.ZodType = action === 'retry' ? retriedStatus : openStatus;
  if (status !== undefined && !statuses.safeParse(status).success) addIssue({ code: 'custom', path: ['filter', 'status'], message: `runs that are ${status} cannot be told to ${action}` });
});
export type Asked = z.infer<typeof bulkRequest>;

export const bulkOutcome = z.object({
  runId,
  outcome: z.enum(['told', 'known', 'skipped', 'failed']).describe('`told`: it is durable, and the run follows it. `known`: it had been told already. `skipped`: the run does not fit any more, or it cannot be said of it. `failed`: send the same request again.'),
  factId: z.string().optional(),
  newRunId: runId.optional().describe('Of a retry: the run that goes on.'),
  code: z.string().optional().describe('Why, where it was skipped or failed.'),
});

export const bulkAnswer = z.object({
  dryRun: z.boolean(),
  action: bulkAction,
  count: z.int().describe('Runs that it is about.'),
  more: z.boolean().describe('True when more runs fit than are taken at once; ask again when these are done.'),
  sample: z.array(runSummary).max(SAMPLE).describe('Of a dry run: the first of them.'),
  shown: bulkRequest.shape.shown.describe('Of a dry run that found any: repeat the request with this to have it carried out.'),
  outcomes: z.array(bulkOutcome).describe('What became of each run; empty after a dry run.'),
});

export const steerRuns: Endpoint = {
  id: 'steerRuns', method: 'POST', path: '/v1/runs/bulk', role: 'operator', status: 200,
  summary: 'Cancels, aborts, pauses, resumes, signals or retries all runs that fit a filter: first as a dry run that tells which, and then with what it told.',
  about: `Carried out, it is about the very runs that were shown: later ones are left alone, and those that do not fit any more are skipped. Sent again it takes effect once and goes on with what is left; an hour after the dry run it is refused. A retry goes on really, in a new run, from where the run ended; of each run there is one such retry, whoever asks. ${UNTIL_READ}`,
  body: { 'application/json': bulkRequest }, answer: { 'application/json': bulkAnswer }, problems: [409, 413],
};

