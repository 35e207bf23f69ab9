import { Controller, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { freshView } from '../runs/lineage.js';
import { RunHistories } from '../runs/run-histories.js';
import { RunIndex } from '../runs/run-index.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { OpenStreams } from './open-streams.js';
import { lastEventId, readLastEventId } from './resume.js';
import { isExhausted, streamRun } from './run-stream.js';
import { streamRunChanges, streamRunEvents } from './streams.endpoints.js';
import { streamChanges } from './tenant-stream.js';

@Controller()
export class StreamsController {
  constructor(
    @Inject(RunIndex) private readonly index: RunIndex,
    @Inject(RunHistories) private readonly histories: RunHistories,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
  ) {}

  @Serves(streamRunEvents)
  async run(@Caller() caller: Principal, @Param() parameters: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const key = { tenant: caller.tenant, runId: checked(runParameters, parameters).runId };
    const from = readLastEventId(lastEventId(request));
    const history = await this.histories.read(key);
    // 204 tells an EventSource to stop reconnecting.
    if (isExhausted(history, from)) return void reply.code(204).send();
    const view = await freshView(this.histories, key, history);
    const stream = this.streams.begin(request, reply);
    if (stream === undefined) return;
    const source = { history: (atLeast?: number) => this.histories.find(key, atLeast), onCommit: (listener: (number: number | undefined) => void) => this.index.onCommit(key, listener) };
    void this.streams.untilOver(streamRun(source, stream, from, view));
  }

  @Serves(streamRunChanges)
  changes(@Caller() caller: Principal, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const stream = this.streams.begin(request, reply);
    if (stream === undefined) return;
    void this.streams.untilOver(streamChanges((listener) => this.index.onChange((tenant, summary) => { if (tenant === caller.tenant) listener(summary); }), stream));
  }
}
