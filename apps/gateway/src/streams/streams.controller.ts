import { Controller, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@holdfast/observability';
import { LOGGER } from '@holdfast/service';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { RunHistories } from '../runs/run-histories.js';
import { RunIndex } from '../runs/run-index.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { OpenStreams } from './open-streams.js';
import { readLastEventId } from './resume.js';
import { isExhausted, streamRun } from './run-stream.js';
import { streamRunChanges, streamRunEvents } from './streams.endpoints.js';
import { streamChanges } from './tenant-stream.js';

@Controller()
export class StreamsController {
  constructor(
    @Inject(RunIndex) private readonly index: RunIndex,
    @Inject(RunHistories) private readonly histories: RunHistories,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Serves(streamRunEvents)
  async run(@Caller() caller: Principal, @Param() parameters: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const key = { tenant: caller.tenant, runId: checked(runParameters, parameters).runId };
    const id = request.headers['last-event-id'];
    const from = readLastEventId(Array.isArray(id) ? id[0] : id);
    const history = await this.histories.read(key);
    // 204 tells an EventSource to stop reconnecting.
    if (isExhausted(history, from)) return void reply.code(204).send();
    if (request.method === 'HEAD') return void reply.header('content-type', 'text/event-stream; charset=utf-8').send();
    const stream = this.streams.begin(reply);
    const source = { history: (atLeast?: number) => this.histories.find(key, atLeast), onCommit: (listener: (number: number | undefined) => void) => this.index.onCommit(key, listener) };
    this.untilOver(streamRun(source, stream, from));
  }

  @Serves(streamRunChanges)
  changes(@Caller() caller: Principal, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    if (request.method === 'HEAD') return void reply.header('content-type', 'text/event-stream; charset=utf-8').send();
    const stream = this.streams.begin(reply);
    this.untilOver(streamChanges((listener) => this.index.onChange((tenant, summary) => { if (tenant === caller.tenant) listener(summary); }), stream));
  }

  /** A stream that breaks off is taken up by its client, so its error is a line in the log and nothing more. */
  private untilOver(streaming: Promise<void>): void {
    streaming.catch((error: unknown) => this.logger.warn({ err: error }, 'a live stream broke off'));
  }
}
