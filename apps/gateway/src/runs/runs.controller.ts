import { Controller, Inject, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { instant, runId } from '@holdfast/contracts';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { InvalidRequest } from '../edge/problem.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { freshView } from './lineage.js';
import { tellRun, type RunDetail } from './run-detail.js';
import { RunHistories } from './run-histories.js';
import type { ListPosition } from './listed-runs.js';
import { RunIndex } from './run-index.js';
import { eventList, getRun, listQuery, listRunEvents, listRuns, runList, runParameters } from './runs.endpoints.js';

@Controller()
export class RunsController {
  constructor(@Inject(RunIndex) private readonly index: RunIndex, @Inject(RunHistories) private readonly histories: RunHistories) {}

  @Serves(listRuns)
  list(@Caller() caller: Principal, @Query() query: unknown): z.infer<typeof runList> {
    const { cursor, limit, ...filter } = checked(listQuery, query);
    const { runs, more } = this.index.list(caller.tenant, filter, limit, cursor === undefined ? undefined : readCursor(cursor));
    const last = runs.at(-1);
    return { runs: [...runs], ...(more && last !== undefined ? { next: writeCursor(last) } : {}) };
  }

  @Serves(getRun)
  async get(@Caller() caller: Principal, @Param() parameters: unknown): Promise<RunDetail> {
    const key = { tenant: caller.tenant, runId: checked(runParameters, parameters).runId };
    const history = await this.histories.read(key);
    return tellRun(history, await freshView(this.histories, key, history));
  }

  @Serves(listRunEvents)
  async events(@Caller() caller: Principal, @Param() parameters: unknown): Promise<z.infer<typeof eventList>> {
    const { runId } = checked(runParameters, parameters);
    const key = { tenant: caller.tenant, runId };
    const history = await this.histories.read(key);
    const view = await freshView(this.histories, key, history);
    const events = history.flatMap((recorded) => view.events(recorded.commit));
    const head = history.at(-1)?.commit;
    return { runId, head: { commit: head?.number ?? 0, hash: head?.hash ?? '' }, ended: head?.route === 'end', events };
  }
}

const position = z.tuple([instant, runId]);

function writeCursor({ changedAt, runId }: ListPosition): string {
  return Buffer.from(JSON.stringify([changedAt, runId])).toString('base64url');
}

function readCursor(cursor: string): ListPosition {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    value = undefined;
  }
  const parsed = position.safeParse(value);
  if (!parsed.success) throw new InvalidRequest([{ pointer: '/cursor', detail: 'is not a cursor of this list' }]);
  return { changedAt: parsed.data[0], runId: parsed.data[1] };
}
