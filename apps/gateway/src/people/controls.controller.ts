import { Body, Controller, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { HoldfastError, type RecordedCommit } from '@holdfast/contracts';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { FactInbox } from '../intake/fact-inbox.js';
import { MAXIMUM_PAYLOAD_BYTES, requireModest } from '../intake/limits.js';
import { RunHistories } from '../runs/run-histories.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { factIdOf } from './fact-id.js';
import { nonceOf } from './nonce.js';
import { abortRun, cancelRun, controlRequest, factStored, pauseRun, resumeRun, signalParameters, signalRun } from './people.endpoints.js';

type Stored = z.infer<typeof factStored>;

/** People steer runs: each request becomes one fact, on which the orchestrator decides. */
@Controller()
export class ControlsController {
  constructor(@Inject(RunHistories) private readonly histories: RunHistories, @Inject(FactInbox) private readonly inbox: FactInbox) {}

  @Serves(cancelRun)
  cancel(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown, @Req() request: FastifyRequest): Promise<Stored> {
    return this.control('cancel', caller, parameters, body, request);
  }

  @Serves(abortRun)
  abort(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown, @Req() request: FastifyRequest): Promise<Stored> {
    return this.control('abort', caller, parameters, body, request);
  }

  @Serves(pauseRun)
  pause(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown, @Req() request: FastifyRequest): Promise<Stored> {
    return this.control('pause', caller, parameters, body, request);
  }

  @Serves(resumeRun)
  resume(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown, @Req() request: FastifyRequest): Promise<Stored> {
    return this.control('resume', caller, parameters, body, request);
  }

  @Serves(signalRun)
  async signal(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown, @Req() request: FastifyRequest): Promise<Stored> {
    const { runId, name } = checked(signalParameters, parameters);
    const payload = body ?? null;
    requireModest(payload, MAXIMUM_PAYLOAD_BYTES, 'signal');
    const key = { tenant: caller.tenant, runId };
    requireAlive(await this.histories.read(key));
    const id = factIdOf('signal', key, name, caller.name, nonceOf(request));
    return { runId, factId: id, ...(await this.inbox.put(key, { kind: 'signal', id, name, payload, by: caller.name })) };
  }

  private async control(action: 'cancel' | 'abort' | 'pause' | 'resume', caller: Principal, parameters: unknown, body: unknown, request: FastifyRequest): Promise<Stored> {
    const { runId } = checked(runParameters, parameters);
    const { reason } = checked(controlRequest, body);
    const key = { tenant: caller.tenant, runId };
    const id = factIdOf('control', key, action, caller.name, nonceOf(request));
    const history = await this.histories.read(key);
    if (history.some(({ commit }) => commit.cause.id === id)) return { runId, factId: id, duplicate: true };
    requireAlive(history);
    if (action === 'pause' || action === 'resume') requireOpposite(action, history);
    return { runId, factId: id, ...(await this.inbox.put(key, { kind: 'control', id, action, by: caller.name, reason })) };
  }
}

function requireAlive(history: readonly RecordedCommit[]): void {
  if (history.at(-1)?.commit.route !== 'end') return;
  throw new HoldfastError({ code: 'run.ended', message: 'The run has ended.', retryable: false, remedy: 'Look at the run; nothing can change it any more.' });
}

/**
 * Facts may overtake each other on their way to the log, where a resume that comes before its pause would be in vain and
 * the run would stay paused for ever. So the opposite is taken only when the log shows what it is the opposite of.
 */
function requireOpposite(action: 'pause' | 'resume', history: readonly RecordedCommit[]): void {
  const last = history.flatMap(({ commit }) => commit.events).findLast(({ type }) => type === 'run-paused' || type === 'run-resumed');
  const paused = last?.type === 'run-paused';
  if (paused === (action === 'resume')) return;
  throw paused
    ? new HoldfastError({ code: 'run.paused', message: 'The run is paused already.', retryable: false, remedy: 'Look at the run; a resume that was taken a moment ago shows there first.' })
    : new HoldfastError({ code: 'run.not-paused', message: 'The run is not paused.', retryable: true, remedy: 'Look at the run and try again; a pause that was taken a moment ago shows there first.' });
}
