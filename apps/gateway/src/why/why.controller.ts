import { Controller, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { RunHistories } from '../runs/run-histories.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { explain, type WhyQuestion } from './why.js';
import { renderWhy } from './why-text.js';
import { whyCommit, whyEffect, whyParameters, whyQuery } from './why.endpoints.js';
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
    const why = explain(await this.histories.readAfresh({ tenant: caller.tenant, runId }), question);
    if (!prefersText(request.headers.accept)) return why;
    void reply.type('text/plain; charset=utf-8');
    return renderWhy(why);
  }
}

/** True when text is named before JSON in an `Accept` header; weights are not looked at, since there are two choices only. */
function prefersText(accept: string | undefined): boolean {
  const types = (accept ?? '').split(',').map((type) => type.split(';')[0]?.trim().toLowerCase());
  const text = types.indexOf('text/plain');
  const json = types.findIndex((type) => type === 'application/json' || type === '*/*' || type === 'application/*');
  return text !== -1 && (json === -1 || text < json);
}
