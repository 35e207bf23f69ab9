import { Body, Controller, Inject, Param } from '@nestjs/common';
import type { z } from 'zod';
import { AgentRegistry, type Share } from '@holdfast/agent-registry';
import { faultsOfAgent, sealAgent } from '@holdfast/agent-sdk';
import { HoldfastError, type AgentDeclaration, type AgentVersion, type Catalog, type RouteShare } from '@holdfast/contracts';
import { CATALOG } from '../catalog/catalog.token.js';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { InvalidRequest } from '../edge/problem.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { RunIndex } from '../runs/run-index.js';
import { agentList, agentParameters, agentSummary, getAgent, getAgentVersion, listAgents, publication, publishAgent, published, revokeAgent, revoked, revoking, routeAgent, routed, routing, versionDetail, versionParameters } from './agents.endpoints.js';

type Summary = z.infer<typeof agentSummary>;

/** Agents and their versions: people publish them, say which of them new tasks get, and revoke what must not go on. */
@Controller()
export class AgentsController {
  constructor(@Inject(AgentRegistry) private readonly registry: AgentRegistry, @Inject(CATALOG) private readonly catalog: Catalog, @Inject(RunIndex) private readonly index: RunIndex) {}

  @Serves(listAgents)
  async list(@Caller() { tenant }: Principal): Promise<z.infer<typeof agentList>> {
    await this.registry.refresh();
    const running = this.index.openByVersion(tenant);
    return { agents: await Promise.all(this.registry.names.map((name) => this.summaryOf(name, running))) };
  }

  @Serves(getAgent)
  async show(@Caller() { tenant }: Principal, @Param() parameters: unknown): Promise<Summary> {
    const { name } = checked(agentParameters, parameters);
    await this.registry.refresh();
    if (this.registry.names.includes(name)) return this.summaryOf(name, this.index.openByVersion(tenant));
    throw new HoldfastError({ code: 'agent.unknown', message: `There is no agent "${name}".`, retryable: false, remedy: 'GET /v1/agents lists the agents.' });
  }

  @Serves(getAgentVersion)
  async version(@Param() parameters: unknown): Promise<z.infer<typeof versionDetail>> {
    const version = checked(versionParameters, parameters);
    await this.registry.refresh();
    const declaration = await this.registry.require(version);
    const word = this.registry.revocation(version);
    return { declaration, ...(word === undefined ? {} : { revoked: word }) };
  }

  @Serves(publishAgent)
  async publish(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown): Promise<z.infer<typeof published>> {
    const { name } = checked(agentParameters, parameters);
    const { declaration, dryRun } = checked(publication, body);
    if (declaration.name !== name) throw new InvalidRequest([{ pointer: '/declaration/name', detail: `must be "${name}", as in the address` }]);
    const agent = sealAgent(declaration);
    this.requireSound(agent);
    return { name, digest: agent.digest, status: dryRun ? 'checked' : await this.registry.publish(agent, caller.name) };
  }

  @Serves(routeAgent)
  async route(@Caller() caller: Principal, @Param() parameters: unknown, @Body() body: unknown): Promise<z.infer<typeof routed>> {
    const { name } = checked(agentParameters, parameters);
    const { shares, comment, seen, dryRun } = checked(routing, body);
    await this.registry.checkRoute(name, shares, seen);
    const before = percentages(await this.registry.shares(name));
    const after = percentages(await this.registry.shares(name, shares));
    const sequence = dryRun ? undefined : (await this.registry.setRoute(name, { shares, by: caller.name, comment }, seen)).sequence;
    const versions = [...new Set([...before.keys(), ...after.keys()])];
    return { name, dryRun, ...(sequence === undefined ? {} : { sequence }), changes: versions.map((digest) => ({ digest, before: before.get(digest) ?? 0, after: after.get(digest) ?? 0 })) };
  }

  @Serves(revokeAgent)
  async revoke(@Caller() { name: by, tenant }: Principal, @Param() parameters: unknown, @Body() body: unknown): Promise<z.infer<typeof revoked>> {
    const version = checked(versionParameters, parameters);
    const { reason, dryRun } = checked(revoking, body);
    await this.registry.refresh();
    await this.registry.require(version);
    const running = this.index.openByVersion(tenant).get(nameOf(version)) ?? 0;
    const word = dryRun ? this.registry.revocation(version) ?? { by, reason, at: Date.now() } : await this.registry.revoke(version, by, reason);
    return { ...version, dryRun, revoked: word, running };
  }

  /** Throws `request.invalid`, which names each fault, so that no version is published that nobody could work with. */
  private requireSound(agent: AgentDeclaration): void {
    const known = new Set(this.catalog.tools.map((tool) => tool.name));
    const unknown = (field: 'tools' | 'toolsOnRequest') => (agent[field] ?? []).flatMap((tool, at) => (known.has(tool) ? [] : [{ pointer: `/declaration/${field}/${at}`, detail: `there is no tool "${tool}"` }]));
    const faults = [...faultsOfAgent(agent).map(({ field, message }) => ({ pointer: `/declaration/${field.replaceAll('.', '/')}`, detail: message })), ...unknown('tools'), ...unknown('toolsOnRequest')];
    if (faults.length > 0) throw new InvalidRequest(faults);
  }

  private async summaryOf(name: string, running: ReadonlyMap<string, number>): Promise<Summary> {
    const { registry } = this;
    const deployed = this.catalog.agents.findLast((agent) => agent.name === name)?.digest;
    const stored = registry.route(name);
    const shares = percentages(await registry.shares(name));
    const versions = registry.versions(name).map(({ digest, by, at }) => {
      const word = registry.revocation({ name, digest });
      return { digest, by, ...(at === 0 ? {} : { publishedAt: at }), percent: shares.get(digest) ?? 0, running: running.get(nameOf({ name, digest })) ?? 0, ...(word === undefined ? {} : { revoked: word }) };
    });
    return { name, ...(deployed === undefined ? {} : { deployed }), ...(stored === undefined ? {} : { route: { ...stored.route, sequence: stored.sequence } }), versions };
  }
}

const nameOf = ({ name, digest }: AgentVersion): string => `${name}.${digest}`;

/** What part of new tasks each version gets, in per cent to one decimal: revoked ones get nothing, and the others what is left. */
function percentages(shares: readonly Share[]): ReadonlyMap<RouteShare['digest'], number> {
  const weightOf = ({ weight, isRevoked }: Share): number => (isRevoked ? 0 : weight);
  const total = shares.reduce((sum, share) => sum + weightOf(share), 0);
  return new Map(shares.map((share) => [share.version.digest, total === 0 ? 0 : Math.round((1_000 * weightOf(share)) / total) / 10]));
}
