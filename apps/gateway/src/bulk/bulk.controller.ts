import { createHash } from 'node:crypto';
import { Body, Controller, Inject } from '@nestjs/common';
import type { z } from 'zod';
import { HoldfastError, canonicalJson } from '@holdfast/contracts';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { publicError } from '../edge/problem.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { MAXIMUM_PAYLOAD_BYTES, requireModest } from '../intake/limits.js';
import { RunIndex, type RunPage } from '../runs/run-index.js';
import { SAMPLE, bulkRequest, steerRuns, type Asked, type bulkAnswer, type bulkOutcome } from './bulk.endpoints.js';
import { Words } from './words.js';

type Answer = z.infer<typeof bulkAnswer>;
type Outcome = z.infer<typeof bulkOutcome>;

/** Runs that are told at once. */
const AT_ONCE = 16;
/** What was shown longer ago tells too little of what would be done. */
const SHOWN_FOR_MS = 3_600_000;

/**
 * One word to many runs. Nothing is kept between the dry run and the request that follows it, which brings back what it was shown: so any gateway
 * carries it out, and one that dies half-way leaves nothing but runs that were told and runs that were not.
 */
@Controller()
export class BulkController {
  constructor(@Inject(RunIndex) private readonly index: RunIndex, @Inject(Words) private readonly words: Words) {}

  @Serves(steerRuns)
  async steer(@Caller() caller: Principal, @Body() body: unknown): Promise<Answer> {
    const asked = checked(bulkRequest, body);
    requireModest(asked.signal?.payload ?? null, MAXIMUM_PAYLOAD_BYTES, 'signal');
    return asked.shown === undefined ? this.show(caller, asked) : this.carryOut(caller, asked, asked.shown);
  }

  private show(caller: Principal, asked: Asked): Answer {
    const { action, limit } = asked;
    const { runs, more } = this.fitting(caller, asked, limit);
    const [at, ids] = [Date.now(), runs.map(({ runId }) => runId)];
    const shown = { at, runs: ids, digest: digestOf(caller, asked, at, ids) };
    return { dryRun: true, action, count: ids.length, more, sample: runs.slice(0, SAMPLE), ...(ids.length === 0 ? {} : { shown }), outcomes: [] };
  }

  private async carryOut(caller: Principal, asked: Asked, { at, runs, digest }: NonNullable<Asked['shown']>): Promise<Answer> {
    const { action } = asked;
    if (digest !== digestOf(caller, asked, at, runs)) throw new HoldfastError({ code: 'bulk.not-shown', message: 'This is not what the dry run showed you.', retryable: false, remedy: 'Repeat the dry run\'s request to the letter, with its "shown"; or make another dry run.' });
    if (Date.now() - at > SHOWN_FOR_MS) throw new HoldfastError({ code: 'bulk.stale', message: 'The dry run was made more than an hour ago.', retryable: false, remedy: 'Make another one, and look at what it tells.' });
    // Answers 503 until the log has been read, rather than taking every run for one that does not fit.
    this.fitting(caller, asked, 1);
    const outcomes: Outcome[] = [];
    for (let from = 0; from < runs.length; from += AT_ONCE) outcomes.push(...(await Promise.all(runs.slice(from, from + AT_ONCE).map((runId) => this.tell(caller, asked, runId, digest)))));
    return { dryRun: false, action, count: runs.length, more: false, sample: [], outcomes };
  }

  private fitting({ tenant }: Principal, asked: Asked, limit: number): RunPage {
    return asked.action === 'retry'
      ? this.index.listEndedWhere(tenant, limit, (run) => this.words.fit(asked, run) && !this.words.isRetried(tenant, run.runId))
      : this.index.listOpenWhere(tenant, limit, (run) => this.words.fit(asked, run));
  }

  private async tell(caller: Principal, asked: Asked, runId: string, nonce: string): Promise<Outcome> {
    try {
      // What was said a moment ago changes how a run stands, so whether it was said is asked first.
      const summary = this.index.get({ tenant: caller.tenant, runId });
      const known = await this.words.known(asked, caller, runId, nonce);
      if (known !== undefined) return { runId, outcome: 'known', factId: known };
      if (summary === undefined || !this.words.fit(asked, summary)) return { runId, outcome: 'skipped', code: 'bulk.fits-no-more' };
      const { factId, duplicate, runId: toldRun } = await this.words.tell(asked, caller, runId, nonce);
      return { runId, outcome: duplicate ? 'known' : 'told', factId, ...(toldRun === runId ? {} : { newRunId: toldRun }) };
    } catch (error) {
      const { code, retryable } = publicError(error);
      return { runId, outcome: retryable && code !== 'run.not-paused' ? 'failed' : 'skipped', code };
    }
  }
}

/** Binds a request to what its dry run told. It guards against mistakes, and grants nothing: whoever may do this may do it run by run. */
function digestOf({ tenant, name }: Principal, { action, filter, reason, signal }: Asked, at: number, runs: readonly string[]): string {
  return createHash('sha256').update(canonicalJson([tenant, name, { action, filter, reason, ...(signal === undefined ? {} : { signal }) }, at, runs])).digest('hex');
}
