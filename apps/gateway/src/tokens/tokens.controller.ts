import { Controller, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RunKey } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import { LOGGER } from '@holdfast/service';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { RunHistories } from '../runs/run-histories.js';
import { RunIndex } from '../runs/run-index.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { OpenStreams } from '../streams/open-streams.js';
import { lastEventId } from '../streams/resume.js';
import { TokenFeeds } from './token-feeds.js';
import { readTokenPlace, streamTokens } from './token-stream.js';
import { streamRunTokens } from './tokens.endpoints.js';

@Controller()
export class TokensController {
  constructor(
    @Inject(RunIndex) private readonly index: RunIndex,
    @Inject(RunHistories) private readonly histories: RunHistories,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(TokenFeeds) private readonly feeds: TokenFeeds,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Serves(streamRunTokens)
  async tokens(@Caller() caller: Principal, @Param() parameters: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const key = { tenant: caller.tenant, runId: checked(runParameters, parameters).runId };
    const from = readTokenPlace(lastEventId(request));
    const history = await this.histories.read(key);
    if (history.at(-1)?.commit.route === 'end') return void reply.code(204).send();
    const stream = this.streams.begin(request, reply);
    if (stream === undefined) return;
    const { feed, stop } = this.feeds.watch(key);
    void this.streams.untilOver(streamTokens(feed, (listener) => this.onEnd(key, listener), stream, from)).finally(stop);
  }

  /** Calls back when the run has ended, also when it ended a moment ago. */
  private onEnd(key: RunKey, listener: () => void): () => void {
    const look = (number?: number): void => {
      this.histories.find(key, number).then((history) => {
        if (history.at(-1)?.commit.route === 'end') listener();
      }).catch((error: unknown) => this.logger.debug({ err: error }, 'a run was not looked at'));
    };
    const stop = this.index.onCommit(key, look);
    look();
    return stop;
  }
}
