import { Controller, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { freshView } from '../runs/lineage.js';
import { RunHistories } from '../runs/run-histories.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { explain, type WhyQuestion } from './why.js';
import { drawWhy } from './why-graph.js';
import { renderWhy } from './why-text.js';
import { MERMAID, whyCommit, whyEffect, whyParameters, whyQuery } from './why.endpoints.js';
import type { Why } from './why.schema.js';

@Controller()
export class WhyController {
  constructor(@Inject(RunHistories) private readonly histories: RunHistories) {}

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

  private async answer(caller: Principal, runId: string, question: WhyQuestion, request: FastifyRequest, reply: FastifyReply): Promise<Why | string> {
    const key = { tenant: caller.tenant, runId };
    const history = await this.histories.readAfresh(key);
    const why = explain(history, question, await freshView(this.histories, key, history));
    const type = preferred(request.headers.accept);
    const render = RENDERED[type];
    if (render === undefined) return why;
    void reply.type(`${type}; charset=utf-8`);
    return render(why);
  }
}

const RENDERED: Readonly<Record<string, (why: Why) => string>> = { 'text/plain': renderWhy, [MERMAID]: drawWhy };

/** The first of our media types that an `Accept` header names; weights are not looked at. */
function preferred(accept = ''): string {
  const types = accept.split(',').map((type) => type.split(';')[0]?.trim().toLowerCase() ?? '');
  return types.find((type) => Object.hasOwn(RENDERED, type) || ['application/json', 'application/*', '*/*'].includes(type)) ?? 'application/json';
}
