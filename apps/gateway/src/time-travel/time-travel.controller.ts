import { Controller, Inject, Param, Query } from '@nestjs/common';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { lineageOf, viewOf } from '../runs/lineage.js';
import { RunHistories } from '../runs/run-histories.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { compareRuns, type RunComparison } from './comparison.js';
import { differenceOf, type RunDifference } from './difference.js';
import { placeIn } from './place.js';
import { tellState, type RunStateView } from './run-state.js';
import { compareRun, comparisonQuery, differenceQuery, getRunDifference, getRunState, stateQuery } from './time-travel.endpoints.js';

/** Looks at runs as they were, and at two of them beside each other. */
@Controller()
export class TimeTravelController {
  constructor(@Inject(RunHistories) private readonly histories: RunHistories) {}

  @Serves(getRunState)
  async state(@Caller() caller: Principal, @Param() parameters: unknown, @Query() query: unknown): Promise<RunStateView> {
    const { runId } = checked(runParameters, parameters);
    const { at } = checked(stateQuery, query);
    const lineage = await lineageOf(this.histories, { tenant: caller.tenant, runId });
    const history = lineage.at(-1)?.history ?? [];
    return tellState(history, placeIn(history, at), viewOf(lineage));
  }

  @Serves(getRunDifference)
  async difference(@Caller() caller: Principal, @Param() parameters: unknown, @Query() query: unknown): Promise<RunDifference> {
    const { runId } = checked(runParameters, parameters);
    const { from, to } = checked(differenceQuery, query);
    const lineage = await lineageOf(this.histories, { tenant: caller.tenant, runId });
    const history = lineage.at(-1)?.history ?? [];
    return differenceOf(history, placeIn(history, from), placeIn(history, to), viewOf(lineage));
  }

  @Serves(compareRun)
  async compare(@Caller() caller: Principal, @Param() parameters: unknown, @Query() query: unknown): Promise<RunComparison> {
    const { runId } = checked(runParameters, parameters);
    const other = checked(comparisonQuery, query).with;
    const { tenant } = caller;
    return compareRuns(await lineageOf(this.histories, { tenant, runId }), await lineageOf(this.histories, { tenant, runId: other }));
  }
}
