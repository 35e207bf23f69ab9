import { Body, Controller, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { MAXIMUM_PAYLOAD_BYTES, requireModest } from '../intake/limits.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { nonceOf } from './nonce.js';
import { abortRun, cancelRun, controlRequest, factStored, pauseRun, resumeRun, signalParameters, signalRun } from './people.endpoints.js';
import { Steering, type Control } from './steering.js';

type Stored = z.infer<typeof factStored>;

/** People steer runs: each request becomes one fact, on which the orchestrator decides. */
@Controller()
export class ControlsController {
  constructor(@Inject(Steering) private readonly steering: Steering) {}

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
    return this.steering.signal({ name, payload }, caller, runId, nonceOf(request));
  }

  private async control(action: Control, caller: Principal, parameters: unknown, body: unknown, request: FastifyRequest): Promise<Stored> {
    const { runId } = checked(runParameters, parameters);
    const { reason } = checked(controlRequest, body);
    return this.steering.tell(action, caller, runId, reason, nonceOf(request));
  }
}
