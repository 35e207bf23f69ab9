import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defineAgent } from '@holdfast/agent-sdk';
import { Bus } from '@holdfast/bus';
import { AGENTS_STREAM, subjects, type AgentDeclaration, type Role } from '@holdfast/contracts';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { AgentRegistry, type AgentRegistrySettings } from './agent-registry.js';

const agent = (name: string, instructions: string): AgentDeclaration => defineAgent({ name, instructions, model: 'scripted', taskTypes: [name], tools: [] });
const said = (digest: string, weight = 1) => ({ shares: [{ digest, weight }], by: 'ada', comment: '' });
const key = { tenant: 'acme', runId: 'run_1' };

describe('the registry of agents on a real broker', () => {
  let broker: TestBroker;
  const opened: (AgentRegistry | Bus)[] = [];
  beforeAll(async () => { broker = await startTestBroker(); });
  afterAll(async () => {
    for (const one of opened.reverse()) await one.close();
    await broker.stop();
  });

  const connect = async (role: Role): Promise<Bus> => {
    const bus = await Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: `agents-${role}` });
    opened.push(bus);
    return bus;
  };
  const open = async (role: Role, declared: readonly AgentDeclaration[], more: Partial<AgentRegistrySettings> = {}): Promise<AgentRegistry> => {
    const registry = await AgentRegistry.open({ bus: await connect(role), declared, ...more });
    opened.push(registry);
    return registry;
  };
  const until = async (holds: () => unknown): Promise<void> => {
    for (let tries = 0; tries < 200 && holds() !== true; tries += 1) await new Promise((resolve) => setTimeout(resolve, 25));
    expect(holds()).toBe(true);
  };
  const digestOf = async (registry: AgentRegistry, name: string): Promise<string | undefined> => {
    const choice = await registry.choose({ type: name }, key);
    return choice.status === 'chosen' ? choice.agent.digest : choice.status;
  };

  it('keeps a version when the catalogue has another, so that runs that began with it find it', async () => {
    const [before, after] = [agent('payer', 'One.'), agent('payer', 'Two.')];
    const early = await open('orchestrator', [before]);
    await early.publishDeclared();
    await (await open('orchestrator', [after])).publishDeclared();
    const [planner, policy] = [await open('planner', [after]), await open('policy', [after])];
    for (const registry of [planner, policy]) expect([await registry.find(before), await registry.find(after), await registry.find({ name: 'payer', digest: 'f'.repeat(64) })]).toEqual([before, after, undefined]);
    expect(planner.versions('payer').map(({ digest, by }) => [digest, by])).toEqual([[before.digest, 'deployment'], [after.digest, 'deployment']]);
    // Where nobody has set a route, new tasks get what is deployed.
    expect([await digestOf(early, 'payer'), await digestOf(planner, 'payer')]).toEqual([before.digest, after.digest]);
  });

  it('stores a version once, however many publish it at a time', async () => {
    const [one] = [agent('clerk', 'One.')];
    const registries = await Promise.all([open('gateway', []), open('orchestrator', [one]), open('orchestrator', [one])]);
    await Promise.all([registries[0]?.publish(one, 'ada'), registries[1]?.publishDeclared(), registries[2]?.publishDeclared()]);
    expect(await registries[0]?.publish(one, 'bob')).toBe('known');
    expect(registries[0]?.versions('clerk')).toHaveLength(1);
    expect(await (await connect('policy')).count(AGENTS_STREAM, 'agent.clerk.>')).toBe(1);
  });

  it('carries a route and its change to everybody at once, and deploying again leaves it as a person set it', async () => {
    const [v1, v2, v3] = [agent('writer', 'One.'), agent('writer', 'Two.'), agent('writer', 'Three.')];
    const gateway = await open('gateway', [v2]);
    const orchestrator = await open('orchestrator', [v2]);
    await gateway.publish(v1, 'ada');
    await orchestrator.publishDeclared();
    const set = await gateway.setRoute('writer', said(v1.digest), 0);
    await until(() => orchestrator.route('writer')?.sequence === set.sequence);
    expect(await digestOf(orchestrator, 'writer')).toBe(v1.digest);
    await (await open('orchestrator', [v3])).publishDeclared();
    expect([await digestOf(await open('orchestrator', [v3]), 'writer'), gateway.route('writer')?.sequence]).toEqual([v1.digest, set.sequence]);

    await expect(gateway.setRoute('writer', said(v2.digest), 0)).rejects.toMatchObject({ code: 'agent.route-changed' });
    await expect(gateway.setRoute('writer', said('f'.repeat(64)))).rejects.toMatchObject({ code: 'agent.version-unknown' });
    await expect(gateway.setRoute('nobody', said(v1.digest))).rejects.toMatchObject({ code: 'agent.unknown' });
    await gateway.setRoute('writer', { shares: [], by: 'ada', comment: 'as deployed' }, set.sequence);
    await until(() => orchestrator.route('writer')?.route.shares.length === 0);
    expect(await digestOf(orchestrator, 'writer')).toBe(v2.digest);
  });

  it('tells everybody at once what is revoked, for good, and begins nothing with it', async () => {
    const [v1, v2] = [agent('reader', 'One.'), agent('reader', 'Two.')];
    const [gateway, policy, orchestrator] = [await open('gateway', [v2]), await open('policy', [v2]), await open('orchestrator', [v2])];
    await gateway.publish(v1, 'ada');
    await orchestrator.publishDeclared();
    expect(await gateway.revoke(v2, 'ada', 'it writes to the wrong people')).toMatchObject({ by: 'ada' });
    expect(await gateway.revoke(v2, 'bob', 'again')).toMatchObject({ by: 'ada', reason: 'it writes to the wrong people' });
    await until(() => policy.revocation(v2) !== undefined && orchestrator.revocation(v2) !== undefined);
    expect(policy.revocation(v1)).toBeUndefined();
    expect(await digestOf(orchestrator, 'reader')).toBe('wait');
    await expect(gateway.setRoute('reader', said(v2.digest))).rejects.toMatchObject({ code: 'agent.version-revoked' });
    await gateway.setRoute('reader', said(v1.digest));
    await until(() => orchestrator.route('reader') !== undefined);
    expect(await digestOf(orchestrator, 'reader')).toBe(v1.digest);
    // Whoever starts later knows as well.
    expect((await open('policy', [v2])).revocation(v2)).toMatchObject({ by: 'ada' });
  });

  it('gives nobody a version that is not what its digest says', async () => {
    const [real, forged] = [agent('victim', 'Real.'), agent('victim', 'Forged.')];
    const told: string[] = [];
    const gateway = await connect('gateway');
    await gateway.publish(subjects.agentVersion('victim', real.digest), JSON.stringify({ declaration: { ...forged, digest: real.digest }, by: 'eve', at: 1 }));
    const planner = await open('planner', [], { onError: (_error, what) => told.push(what) });
    expect(await planner.find(real)).toBeUndefined();
    expect(told).toEqual([expect.stringContaining('cannot be read')]);
    await expect((await open('gateway', [])).publish({ ...forged, digest: real.digest }, 'eve')).rejects.toMatchObject({ code: 'agent.not-sealed' });
  });

  it('is written by nobody who has no business there', async () => {
    const one = agent('guarded', 'One.');
    await (await open('gateway', [one])).publish(one, 'ada');
    for (const role of ['planner', 'policy'] as const) await expect((await open(role, [one])).publish(agent('guarded', `By ${role}.`), role)).rejects.toMatchObject({ code: expect.stringMatching(/^bus\.|^agent\.registry/) });
    const orchestrator = await open('orchestrator', [one]);
    await expect(orchestrator.setRoute('guarded', said(one.digest))).rejects.toMatchObject({ code: expect.stringMatching(/^bus\.|^agent\.registry/) });
    await expect(orchestrator.revoke(one, 'the orchestrator', 'no')).rejects.toMatchObject({ code: expect.stringMatching(/^bus\.|^agent\.registry/) });
    const gateway = await connect('gateway');
    // What is there stays: nothing can be put in place of a version or of a revocation.
    expect(await gateway.publish(subjects.agentVersion('guarded', one.digest), '{}', { expected: { sequence: 0 } })).toMatchObject({ status: 'conflict' });
  });
});
