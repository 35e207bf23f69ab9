import { randomBytes, randomUUID } from 'node:crypto';
import { HoldfastError } from '@holdfast/contracts';
import type { ControlClient } from '../outside/control.js';
import type { FaultProxyClient } from '../outside/fault-proxy.js';
import type { GatewayClient } from '../outside/gateway.js';
import { WorldClient } from '../outside/world.js';
import { reportOf, type CaseResult, type SuiteJob } from '../reporting/report.js';
import { executionOf, executionsOf, suiteDigest, type Execution } from '../suites/execution.js';
import type { Suite } from '../suites/suite.js';
import { runCase, type Surroundings } from './case-runner.js';

const REMEMBERED_JOBS = 20;

type Job = { -readonly [K in keyof SuiteJob]: SuiteJob[K] };

export interface SuiteRunnerOptions extends Pick<Surroundings, 'tenant' | 'log' | 'listen'> {
  readonly gateway: GatewayClient;
  readonly control: ControlClient | undefined;
  readonly proxy: FaultProxyClient | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

/** Runs suites, one at a time and their cases one after another: kills of one must not disturb another. */
export class SuiteRunner {
  private readonly jobs = new Map<string, { readonly job: Job; readonly ended: Promise<void> }>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: SuiteRunnerOptions) {}

  /** Begins a suite, but for the executions that somebody has already. Throws `suite.running` while another one runs. */
  begin(suite: Suite, skip: readonly Execution[] = []): SuiteJob {
    const running = [...this.jobs.values()].find(({ job }) => job.state === 'running');
    if (running !== undefined) throw new HoldfastError({ code: 'suite.running', message: `The suite "${running.job.suite}" is running.`, retryable: true, remedy: `Wait for it: GET /v1/suites/${running.job.id}.` });
    const executions = executionsOf(suite, skip);
    const job: Job = { id: randomUUID(), suite: suite.name, state: 'running', total: executions.length, done: [] };
    const ended = this.run(suite, executions, job).catch((error: unknown) => {
      job.state = 'failed';
      job.error = error instanceof HoldfastError ? error.toJSON() : { code: 'evals.internal', message: error instanceof Error ? error.message : String(error), retryable: false, remedy: 'Look at the log of the evals service.' };
    });
    this.jobs.set(job.id, { job, ended });
    const [oldest] = this.jobs.keys();
    if (this.jobs.size > REMEMBERED_JOBS && oldest !== undefined) this.jobs.delete(oldest);
    return job;
  }

  find(id: string): SuiteJob | undefined {
    return this.jobs.get(id)?.job;
  }

  list(): readonly SuiteJob[] {
    return [...this.jobs.values()].map(({ job }) => job);
  }

  /** Resolves when the suite has ended, however it did. */
  async wait(id: string): Promise<SuiteJob | undefined> {
    await this.jobs.get(id)?.ended;
    return this.find(id);
  }

  /** Ends what runs; processes that a case has killed are started again first. */
  async stop(): Promise<void> {
    this.stopping.abort(new HoldfastError({ code: 'suite.interrupted', message: 'The evals service was stopped.', retryable: true, remedy: 'Run the suite again.' }));
    await Promise.all([...this.jobs.values()].map(({ ended }) => ended));
  }

  private async run(suite: Suite, executions: ReturnType<typeof executionsOf>, job: Job): Promise<void> {
    const { tenant, log, listen, gateway, control, proxy, environment } = this.options;
    const startedAt = new Date();
    const began = performance.now();
    const world = suite.world === undefined ? undefined : WorldClient.from(suite.world, environment);
    await this.requireReady(suite, world);
    const around: Surroundings = { tenant, log, listen, gateway, control, proxy, world, settleMs: suite.settleMilliseconds, signal: this.stopping.signal };
    // Letters first: where it stands in a number of the business it must stay a word, and never look like an amount.
    const word = `x${randomBytes(3).toString('hex')}`;
    for (const [index, { given, repeat }] of executions.entries()) {
      this.stopping.signal.throwIfAborted();
      job.current = given.name;
      const result: CaseResult = { ...(await runCase(executionOf(given, `${word}-${index + 1}`), around)), repeat };
      job.done = [...job.done, result];
    }
    delete job.current;
    job.report = reportOf({ suite: suite.name, digest: suiteDigest(suite), startedAt: startedAt.toISOString(), durationMs: performance.now() - began }, job.done);
    job.state = 'finished';
  }

  /** What is missing before anything is begun is no failure of a case: the suite could not be run. */
  private async requireReady(suite: Suite, world: WorldClient | undefined): Promise<void> {
    const kills = new Set(suite.cases.flatMap(({ faults }) => faults.kill.map(({ process }) => process)));
    if (kills.size > 0) {
      if (this.options.control === undefined) throw new HoldfastError({ code: 'evals.control-missing', message: 'The suite kills processes and this service has no control server.', retryable: false, remedy: 'Set HOLDFAST_CONTROL_URL and HOLDFAST_CONTROL_TOKEN, or take the kills out.' });
      const known = new Set((await this.options.control.processes()).map(({ name }) => name));
      const unknown = [...kills].filter((name) => !known.has(name));
      if (unknown.length > 0) throw new HoldfastError({ code: 'evals.process-unknown', message: `The control server cannot kill ${unknown.join(', ')}.`, retryable: false, remedy: `Kill one of ${[...known].join(', ')}, or run all services in one stack.` });
    }
    if (suite.cases.some(({ faults, observed }) => observed || faults.http.length > 0) && this.options.proxy === undefined) throw new HoldfastError({ code: 'evals.proxy-missing', message: 'The suite has faults between tools and the world, and this service has no fault proxy.', retryable: false, remedy: 'Run the suite with "npm run eval", which starts one, or set HOLDFAST_FAULT_PROXY_URL and HOLDFAST_FAULT_PROXY_TOKEN.' });
    await this.options.gateway.requireReady();
    await world?.audit();
  }
}
