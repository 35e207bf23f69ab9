import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/contracts';
import { requestJson } from '../outside/request-json.js';
import { suiteJob, type CaseResult, type SuiteJob, type SuiteReport } from '../reporting/report.js';
import type { Execution } from '../suites/execution.js';
import type { Suite } from '../suites/suite.js';
import type { Installation } from './start-installation.js';

const POLL_MS = 250;

/** Has the evals service run what is not skipped of a suite, tells of each case when it has ended, and returns the report. */
export async function askSuite({ evalsUrl, key }: Installation, suite: Suite, skip: readonly Execution[], onCase: (result: CaseResult) => Promise<void>, signal: AbortSignal): Promise<SuiteReport> {
  const ask = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<SuiteJob> =>
    suiteJob.parse(await requestJson({ who: 'evals', base: evalsUrl, method, path, token: key, body, signal }));
  let job = await ask('POST', '/v1/suites', { suite, wait: false, skip });
  for (let told = 0; ; ) {
    for (const result of job.done.slice(told)) await onCase(result);
    told = job.done.length;
    if (job.report !== undefined) return job.report;
    if (job.state === 'failed') throw new HoldfastError(job.error ?? { code: 'evals.internal', message: 'The suite could not be run.', retryable: false, remedy: 'Look at the log of the evals service.' });
    await sleep(POLL_MS, undefined, { signal });
    job = await ask('GET', `/v1/suites/${job.id}`);
  }
}
