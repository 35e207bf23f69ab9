import { Body, Controller, Inject, Param } from '@nestjs/common';
import type { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';
import { compileCheck } from '@holdfast/json-schema';
import { ToolRegistry, type ToolStanding } from '@holdfast/tool-registry';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { RunIndex } from '../runs/run-index.js';
import { acceptTool, acceptance, getTool, listTools, toolDetail, toolList, toolParameters } from './tools.endpoints.js';

const MOST_PARKED = 200;

type Detail = z.infer<typeof toolDetail>;

/** The tools and their contracts: people look at what changed, and say what counts. */
@Controller()
export class ToolsController {
  constructor(@Inject(ToolRegistry) private readonly registry: ToolRegistry, @Inject(RunIndex) private readonly index: RunIndex) {}

  @Serves(listTools)
  list(): z.infer<typeof toolList> {
    return { tools: this.registry.contracts().map((contract) => ({ ...contract, status: this.registry.standing(contract.name)?.status ?? 'healthy' })) };
  }

  @Serves(getTool)
  async show(@Caller() caller: Principal, @Param() parameters: unknown): Promise<Detail> {
    const { name } = checked(toolParameters, parameters);
    return this.detailOf(caller, name, await this.standing(name));
  }

  @Serves(acceptTool)
  async accept(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown): Promise<Detail> {
    const { name } = checked(toolParameters, parameters);
    const { digest, comment } = checked(acceptance, body);
    const standing = await this.standing(name);
    // The same word again, such as after an answer that was lost, has been followed already.
    if (standing.status === 'healthy' && this.registry.acceptance(name)?.contract.digest === digest && standing.contract.digest === digest) return this.detailOf(caller, name, standing);
    if (standing.status !== 'healthy' && standing.candidate !== undefined) {
      compileCheck(standing.candidate.input, `the input of ${name}`);
      compileCheck(standing.candidate.output, `the output of ${name}`);
    }
    return this.detailOf(caller, name, await this.registry.accept(name, digest, caller.name, comment));
  }

  /** How the tool stands now, and not when the gateway last heard of it. Throws `tool.unknown`. */
  private async standing(name: string): Promise<ToolStanding> {
    await this.registry.refresh(name);
    const standing = this.registry.standing(name);
    if (standing === undefined) throw new HoldfastError({ code: 'tool.unknown', message: `There is no tool "${name}".`, retryable: false, remedy: 'GET /v1/tools lists the tools.' });
    return standing;
  }

  private detailOf({ tenant }: Principal, name: string, standing: ToolStanding): Detail {
    const accepted = this.registry.acceptance(name);
    const parked = this.index.parked().filter((run) => run.tenant === tenant).flatMap(({ runId, calls }) => calls.filter(({ tool }) => tool === name).map(({ callId }) => ({ runId, callId })));
    return {
      name, status: standing.status, contract: standing.contract,
      ...(standing.status === 'healthy' ? { differences: [] } : { ...(standing.candidate === undefined ? {} : { candidate: standing.candidate }), differences: [...standing.differences] }),
      ...(standing.status === 'quarantined' ? { reason: standing.reason } : {}),
      ...(accepted === undefined ? {} : { accepted: { by: accepted.by, comment: accepted.comment, at: accepted.at, digest: accepted.contract.digest } }),
      parked: parked.slice(0, MOST_PARKED),
    };
  }
}
