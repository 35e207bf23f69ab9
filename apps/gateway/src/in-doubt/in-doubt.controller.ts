import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { HoldfastError, canonicalJson, type Catalog, type RunKey } from '@holdfast/contracts';
import { compileCheck } from '@holdfast/json-schema';
import { CATALOG } from '../catalog/catalog.token.js';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { InvalidRequest } from '../edge/problem.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { FactInbox } from '../intake/fact-inbox.js';
import { MAXIMUM_PAYLOAD_BYTES, requireModest } from '../intake/limits.js';
import { factIdOf } from '../people/fact-id.js';
import { freshView } from '../runs/lineage.js';
import { RunHistories } from '../runs/run-histories.js';
import { RunIndex } from '../runs/run-index.js';
import { doubtsOf, type Doubt } from './doubts.js';
import { doubtedList, inDoubtQuery, listInDoubt, operationParameters, operationResolution, resolutionStored, resolveOperation } from './in-doubt.endpoints.js';

/** Runs that are asked at once whether they wait for a word about one operation. */
const MOST_RUNS = 10_000;

/** Operations in doubt, over all runs of a tenant, and people's words about them. */
@Controller()
export class InDoubtController {
  constructor(
    @Inject(RunIndex) private readonly index: RunIndex,
    @Inject(RunHistories) private readonly histories: RunHistories,
    @Inject(FactInbox) private readonly inbox: FactInbox,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  @Serves(listInDoubt)
  async list(@Caller() caller: Principal, @Query() query: unknown): Promise<z.infer<typeof doubtedList>> {
    const { doubts, more } = await this.doubts(caller.tenant, checked(inDoubtQuery, query).limit);
    const operations = [...Map.groupBy(doubts, ({ operation }) => operation)].map(([operation, all]) => {
      const [first] = all.sort((a, b) => a.since - b.since) as [Doubt, ...Doubt[]];
      return { operation, tool: first.tool, arguments: first.arguments, since: first.since, reason: first.reason, calls: all.map(({ runId, callId, agent, goal, since }) => ({ runId, callId, agent, goal, since })) };
    });
    return { operations: operations.sort((a, b) => a.since - b.since), more };
  }

  /** The ledger decides whose word counts; here it is only told to every run that waits. */
  @Serves(resolveOperation)
  async resolve(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown): Promise<z.infer<typeof resolutionStored>> {
    const { operation } = checked(operationParameters, parameters);
    const { comment, ...word } = checked(operationResolution, body);
    requireModest(word, MAXIMUM_PAYLOAD_BYTES, 'resolution');
    const waiting = await this.waitingFor(caller.tenant, operation);
    const [first] = waiting;
    if (first === undefined) throw new HoldfastError({ code: 'operation.not-in-doubt', message: `No run waits for a word about the operation "${operation}".`, retryable: false, remedy: 'GET /v1/in-doubt lists what is in doubt; somebody may have settled it.' });
    if (word.resolution === 'happened') this.requireResult(first.tool, word.result);
    const facts = await Promise.all(waiting.map(async ({ runId, callId, approvalId }) => {
      const key = { tenant: caller.tenant, runId };
      const id = factIdOf('resolution', key, approvalId ?? callId, caller.name, canonicalJson(word));
      return { runId, callId, factId: id, ...(await this.inbox.put(key, { kind: 'resolution', id, callId, ...(approvalId === undefined ? {} : { approvalId }), ...word, by: caller.name, comment })) };
    }));
    return { operation, facts };
  }

  private async waitingFor(tenant: string, operation: string): Promise<readonly Doubt[]> {
    const [runId] = operation.split(':');
    // The name of an operation without a key says which run it is of.
    const doubts = operation.includes(':') ? await this.doubtsIn({ tenant, runId: runId ?? '' }) : (await this.doubts(tenant, MOST_RUNS)).doubts;
    return doubts.filter((doubt) => doubt.operation === operation);
  }

  private async doubtsIn(key: RunKey): Promise<readonly Doubt[]> {
    const history = await this.histories.find(key);
    return doubtsOf(history, await freshView(this.histories, key, history));
  }

  private async doubts(tenant: string, limit: number): Promise<{ readonly doubts: Doubt[]; readonly more: boolean }> {
    const { runs, more } = this.index.listInDoubt(tenant, limit);
    const found = await Promise.all(runs.map(({ runId }) => this.doubtsIn({ tenant, runId })));
    return { doubts: found.flat(), more };
  }

  /** Nothing that a person types may reach a run as a valid result when it is none. */
  private requireResult(tool: string, result: unknown): void {
    const contract = this.catalog.tools.find(({ name }) => name === tool);
    if (contract === undefined) return;
    const judged = compileCheck(contract.output, `the output of ${tool}`)(result);
    if (!judged.ok) throw new InvalidRequest(judged.faults.map((detail) => ({ pointer: '/result', detail })));
  }
}
