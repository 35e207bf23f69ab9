import { Controller, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ToolRegistry } from '@holdfast/tool-registry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { RunHistories } from '../runs/run-histories.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { operationKeysBy } from './operation-keys.js';
import { explainThroughRuns } from './origins.js';
import type { WhyQuestion } from './why.js';
import { graphOf } from './why-graph.js';
import { drawGraph } from './why-mermaid.js';
import { renderWhy } from './why-text.js';
import { GRAPH, MERMAID, whyCommit, whyEffect, whyParameters, whyQuery } from './why.endpoints.js';
import type { Why } from './why.schema.js';

@Controller()
export class WhyController {
  constructor(@Inject(RunHistories) private readonly histories: RunHistories, @Inject(ToolRegistry) private readonly registry: ToolRegistry) {}

  @Serves(whyCommit)
  commit(@Caller() caller: Principal, @Param() parameters: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Why | string> {
    const { runId, commitNumber } = checked(whyParameters, parameters);
    return this.answer(caller, runId, { commit: commitNumber }, request, reply);
  }

  @Serves(whyEffect)
  effect(@Caller() caller: Principal, @Param() parameters: unknown, @Query() query: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Why | string> {
    const { runId } = checked(runParameters, parameters);
    return this.answer(caller, runId, checked(whyQuery, query), request, reply);
  }

  private async answer({ tenant }: Principal, runId: string, question: WhyQuestion, request: FastifyRequest, reply: FastifyReply): Promise<Why | string> {
    const why = await explainThroughRuns(await this.histories.readToCheck({ tenant, runId }), question, (other) => this.histories.findToCheck({ tenant, runId: other }), { operationKeyOf: operationKeysBy(this.registry.contracts()) });
    const type = preferred(request.headers.accept);
    const render = RENDERED[type];
    if (render === undefined) return why;
    void reply.type(`${type}; charset=utf-8`);
    return render(why);
  }
}

const RENDERED: Readonly<Record<string, (why: Why) => string>> = { 'text/plain': renderWhy, [MERMAID]: (why) => drawGraph(graphOf(why)), [GRAPH]: (why) => JSON.stringify(graphOf(why)) };

/** The first of our media types that an `Accept` header names; weights are not looked at. */
function preferred(accept = ''): string {
  const types = accept.split(',').map((type) => type.split(';')[0]?.trim().toLowerCase() ?? '');
  return types.find((type) => Object.hasOwn(RENDERED, type) || ['application/json', 'application/*', '*/*'].includes(type)) ?? 'application/json';
}
