import { Controller, Inject, Req, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AgentCard } from '@a2a-js/sdk';
import { VersionNotSupportedError } from '@a2a-js/sdk/errors';
import { JsonRpcTransportHandler, ServerCallContext } from '@a2a-js/sdk/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AgentRegistry } from '@holdfast/agent-registry';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { apiOf } from '../endpoints/ask-api.js';
import { Serves } from '../endpoints/endpoint.js';
import { API_VERSION } from '../endpoints/endpoints.js';
import { runIdOf } from '../intake/run-id.js';
import { RunIndex } from '../runs/run-index.js';
import { OpenStreams } from '../streams/open-streams.js';
import { PROTOCOL_VERSION, agentCard } from './agent-card.js';
import { callAgent, describeAgent } from './a2a.endpoints.js';
import { RunAgent } from './run-agent.js';

type Answer = Awaited<ReturnType<JsonRpcTransportHandler['handle']>>;
type Answers = Extract<Answer, AsyncGenerator>;

@Controller()
export class A2aController {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(AgentRegistry) private readonly agents: AgentRegistry,
    @Inject(RunIndex) private readonly index: RunIndex,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
  ) {}

  @Serves(describeAgent)
  async card(@Req() request: FastifyRequest): Promise<unknown> {
    return AgentCard.toJSON(await this.cardFor(request));
  }

  @Serves(callAgent)
  async call(@Caller() caller: Principal, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { tenant } = caller;
    const agent = new RunAgent({
      tenant, gone: gone.signal, ask: apiOf(this.host.httpAdapter.getInstance<FastifyInstance>(), request), card: () => this.cardFor(request),
      runIdOf: (source, id) => runIdOf(tenant, source, id), onChange: (runId, listener) => this.index.onCommit({ tenant, runId }, listener),
    });
    const answer = await this.answer(agent, request);
    if (Symbol.asyncIterator in answer) this.stream(answer, request, reply);
    else void reply.type('application/json').send(JSON.stringify(answer));
  }

  private async answer(agent: RunAgent, { body, headers }: FastifyRequest): Promise<Answer> {
    // A request without a body, or with one that is no object, is told in JSON-RPC what is wrong with it.
    const asked = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
    if (headers['a2a-version'] !== PROTOCOL_VERSION) return faultOf(asked, new VersionNotSupportedError(`Only version ${PROTOCOL_VERSION} of the protocol is spoken here; a request without the header A2A-Version is of version 0.3.`));
    return new JsonRpcTransportHandler(agent).handle(asked, new ServerCallContext({ requestedVersion: PROTOCOL_VERSION }));
  }

  private stream(answers: Answers, request: FastifyRequest, reply: FastifyReply): void {
    const stream = this.streams.begin(request, reply);
    if (stream === undefined) return;
    const streaming = async (): Promise<void> => {
      try {
        for await (const data of answers) if (!(await stream.send({ event: 'message', data }))) return;
      } catch (error) {
        await stream.send({ event: 'message', data: faultOf(request.body as Record<string, unknown>, error) });
      } finally {
        stream.end();
      }
    };
    void this.streams.untilOver(streaming());
  }

  /** Where the caller found us is where others they tell of us will: nobody else knows our address. */
  private async cardFor({ protocol, headers }: FastifyRequest): Promise<AgentCard> {
    return agentCard(`${protocol}://${headers.host ?? 'localhost'}`, API_VERSION, await this.agents.takenTypes());
  }
}

function faultOf({ id }: Record<string, unknown>, error: unknown): Exclude<Answer, Answers> {
  return { jsonrpc: '2.0', id: typeof id === 'string' || typeof id === 'number' ? id : null, error: JsonRpcTransportHandler.mapToJSONRPCError(error) };
}
