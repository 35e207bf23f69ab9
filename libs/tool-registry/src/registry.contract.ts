import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import type { Role, ToolContract } from '@holdfast/contracts';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { ToolRegistry, type RegistrySettings } from './registry.js';

const contract = (name: string, type: string, description = 'Pays.'): ToolContract => ({
  name, description, adapter: 'default', effect: 'keyed', identity: ['invoice'], roles: { invoice: 'target' },
  input: { type: 'object', properties: { invoice: { type } }, required: ['invoice'], additionalProperties: false }, output: { type: 'object' },
  outputLabel: { trust: 'organisation', secrecy: 'internal', fields: {} }, timeoutMs: 1_000, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, concurrency: 1,
  digest: Buffer.from(`${name}${type}${description}`).toString('hex').padEnd(64, '0').slice(0, 64),
});

describe('the registry of contracts on a real broker', () => {
  let broker: TestBroker;
  const opened: (ToolRegistry | Bus)[] = [];
  beforeAll(async () => { broker = await startTestBroker(); });
  afterAll(async () => {
    for (const one of opened.reverse()) await one.close();
    await broker.stop();
  });

  const open = async (role: Role, pinned: readonly ToolContract[], more: Partial<RegistrySettings> = {}): Promise<ToolRegistry> => {
    const bus = await Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: `registry-${role}` });
    const registry = await ToolRegistry.open({ bus, pinned, ...more });
    opened.push(bus, registry);
    return registry;
  };
  const until = async (holds: () => boolean): Promise<void> => {
    for (let tries = 0; tries < 200 && !holds(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 25));
    expect(holds()).toBe(true);
  };

  it('carries a breaking change to everybody at once, and a person\'s acceptance back', async () => {
    const [before, after] = [contract('pay', 'string'), contract('pay', 'number')];
    const changes: string[] = [];
    const [tools, gateway, policy] = [await open('tools', [before]), await open('gateway', [before]), await open('policy', [before])];
    policy.onChange((tool, { status }) => changes.push(`${tool} ${status}`));
    await tools.observe('pay', { contract: after, source: 'the bank' });
    await until(() => gateway.standing('pay')?.status === 'quarantined' && policy.standing('pay')?.status === 'quarantined');

    expect(gateway.standing('pay')).toMatchObject({ status: 'quarantined', candidate: { digest: after.digest }, reason: expect.stringContaining('was string and is number') });
    await expect(gateway.accept('pay', before.digest, 'ada', '')).rejects.toMatchObject({ code: 'registry.candidate-changed' });
    expect(await gateway.accept('pay', after.digest, 'ada', 'looked at it')).toMatchObject({ status: 'healthy', contract: { digest: after.digest } });
    await until(() => tools.standing('pay')?.status === 'healthy' && policy.contracts()[0]?.digest === after.digest);
    expect(changes).toEqual(['pay quarantined', 'pay healthy']);
    await expect(gateway.accept('pay', after.digest, 'ada', '')).rejects.toMatchObject({ code: 'registry.nothing-to-accept' });
    expect((await open('planner', [before])).contracts()).toEqual([after]);
  });

  it('takes one record of what many workers see at once, and none of what is known', async () => {
    const [before, after] = [contract('send', 'string'), contract('send', 'string', 'Sends more.')];
    const workers = await Promise.all([1, 2, 3].map(() => open('tools', [before])));
    await Promise.all(workers.map((worker) => worker.observe('send', { contract: before, source: 's' })));
    expect(workers[0]?.standing('send')).toEqual({ status: 'healthy', contract: before });
    await Promise.all(workers.map((worker) => worker.observe('send', { contract: after, source: 's' })));
    const standing = workers[0]?.standing('send');
    await workers[1]?.observe('send', { contract: after, source: 's' });
    expect(standing).toMatchObject({ status: 'changed', contract: before, candidate: after });
    expect(workers[1]?.standing('send')).toEqual(standing);
  });

  it('lifts a quarantine when the server goes back, or when its results are said to be mended', async () => {
    const [before, after] = [contract('post', 'string'), contract('post', 'number')];
    const [tools, gateway] = [await open('tools', [before]), await open('gateway', [before])];
    await tools.observe('post', { contract: after, source: 's' });
    await tools.observe('post', { contract: before, source: 's' });
    expect(tools.standing('post')).toEqual({ status: 'healthy', contract: before });
    await tools.reportFaults('post', ['"id" is missing'], 's');
    await tools.observe('post', { contract: before, source: 's' });
    expect(tools.standing('post')).toMatchObject({ status: 'quarantined', candidate: before });
    expect(await gateway.accept('post', before.digest, 'ada', 'mended')).toMatchObject({ status: 'healthy' });
    await tools.observe('post', { contract: before, source: 's' });
    await tools.refresh('post');
    expect(tools.standing('post')).toEqual({ status: 'healthy', contract: before });
    await tools.reportFaults('post', ['"id" is missing'], 's');
    expect(tools.standing('post')).toMatchObject({ status: 'quarantined' });
  });

  it('is not written by who has no business there', async () => {
    const policy = await open('policy', [contract('pay', 'string')]);
    await expect(policy.observe('pay', { contract: contract('pay', 'boolean'), source: 's' })).rejects.toMatchObject({ code: expect.stringMatching(/^bus\.|^registry\./) });
    const tools = await open('tools', [contract('pay', 'string')]);
    await tools.observe('pay', { contract: contract('pay', 'boolean'), source: 's' });
    await expect(tools.accept('pay', contract('pay', 'boolean').digest, 'the adapter itself', '')).rejects.toMatchObject({ code: expect.stringMatching(/^bus\.|^registry\./) });
  });
});
