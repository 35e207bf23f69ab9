import { Body, Controller, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { nonceOf } from '../people/nonce.js';
import type { factStored } from '../people/people.endpoints.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { Forking, forkIdOf } from './forking.js';
import { forkRequest, forkRun } from './time-travel.endpoints.js';

@Controller()
export class ForksController {
  constructor(@Inject(Forking) private readonly forking: Forking) {}

  @Serves(forkRun)
  async fork(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown, @Req() request: FastifyRequest): Promise<z.infer<typeof factStored>> {
    const { runId } = checked(runParameters, parameters);
    const asked = checked(forkRequest, body);
    return this.forking.fork(caller, runId, asked, forkIdOf(caller.tenant, runId, caller.name, nonceOf(request)));
  }
}
