import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { defineAgent } from '@holdfast/agent-sdk';
import { subjects } from '@holdfast/contracts';
import type { InMemoryEventLog } from '@holdfast/event-log';
import { askAs, startGateway, type FakeBus } from '../gateway.fixture.js';
import { accepted, append, key, newLog } from '../runs/run.fixture.js';

const deployed = 'e'.repeat(64);
const { digest: second, ...declaration } = defineAgent({ name: 'payables', instructions: 'Pay what is due, and tell.', model: 'scripted', taskTypes: ['invoice.received', 'invoice.disputed'], tools: ['ship'] });

describe('agents', () => {
  let log: InMemoryEventLog;
  let bus: FakeBus;
  let app: NestFastifyApplication;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    log = newLog();
    const begun = accepted();
    if (begun.type !== 'task-accepted') throw new Error('the fixture begins runs otherwise');
    await append(log, key('run-1'), 'plan', [{ ...begun, agent: { name: 'payables', digest: deployed } }]);
    await append(log, key('run-2'), 'plan', [{ ...begun, agent: { name: 'payables', digest: deployed } }]);
    await append(log, key('run-2'), 'end', [{ type: 'run-ended', status: 'cancelled', reason: 'x' }]);
    await append(log, key('run-foreign', 'globex'), 'plan', [{ ...begun, agent: { name: 'payables', digest: deployed } }]);
    ({ app, bus, stop } = await startGateway(log));
  });
  afterEach(() => stop());

  const ask = (method: 'GET' | 'POST', url: string, who: Parameters<typeof askAs>[3], payload?: unknown): ReturnType<typeof askAs> => askAs(app, method, url, who, payload);
  const publish = () => ask('POST', '/v1/agents/payables/versions', 'admin', { declaration });
  const written = (): readonly string[] => bus.published.map(({ subject }) => subject).filter((subject) => subject.startsWith('agent.'));

  it('are listed with what is deployed, which takes everything where nobody has set a route, and with the caller\'s own open runs', async () => {
    expect((await ask('GET', '/v1/agents', 'viewer')).body).toEqual({ agents: [{ name: 'payables', deployed, versions: [{ digest: deployed, by: 'deployment', percent: 100, running: 1 }] }] });
    expect((await ask('GET', '/v1/agents/payables', 'viewer')).body).toMatchObject({ name: 'payables' });
    expect(await ask('GET', '/v1/agents/nobody', 'viewer')).toMatchObject({ status: 404, body: { code: 'agent.unknown' } });
  });

  it('are published once, and get no task by that', async () => {
    expect(await publish()).toMatchObject({ status: 200, body: { name: 'payables', digest: second, status: 'published' } });
    expect((await publish()).body).toMatchObject({ status: 'known' });
    expect(written()).toEqual([subjects.agentVersion('payables', second)]);
    expect((await ask('GET', `/v1/agents/payables/versions/${second}`, 'viewer')).body).toEqual({ declaration: { ...declaration, digest: second } });
    expect((await ask('GET', '/v1/agents/payables', 'viewer')).body).toMatchObject({ versions: [{ digest: second, by: 'alma', percent: 0 }, { digest: deployed, percent: 100 }] });
    expect(await ask('POST', '/v1/tasks', 'operator', { type: 'invoice.disputed', goal: 'x' })).toMatchObject({ status: 422, body: { code: 'task.type-unknown' } });
  });

  it('are routed by weight, and only in place of the route that was seen', async () => {
    await publish();
    const shares = [{ digest: deployed, weight: 90 }, { digest: second, weight: 10 }];
    const changes = [{ digest: deployed, before: 100, after: 90 }, { digest: second, before: 0, after: 10 }];
    expect((await ask('POST', '/v1/agents/payables/route', 'admin', { shares, dryRun: true })).body).toEqual({ name: 'payables', dryRun: true, changes });
    expect(written()).toHaveLength(1);
    const routed = await ask('POST', '/v1/agents/payables/route', 'admin', { shares, comment: 'a tenth', seen: 0 });
    expect(routed).toMatchObject({ status: 200, body: { changes, sequence: expect.any(Number) } });
    expect((await ask('GET', '/v1/agents/payables', 'viewer')).body).toMatchObject({ route: { shares, by: 'alma', comment: 'a tenth' }, versions: [{ digest: second, percent: 10 }, { digest: deployed, percent: 90 }] });
    expect(await ask('POST', '/v1/agents/payables/route', 'admin', { shares: [], seen: 0 })).toMatchObject({ status: 409, body: { code: 'agent.route-changed' } });
    // A type that only the new version takes is taken now.
    expect((await ask('POST', '/v1/tasks', 'operator', { type: 'invoice.disputed', goal: 'x' })).status).toBe(202);
    expect((await ask('POST', '/v1/agents/payables/route', 'admin', { shares: [] })).body).toMatchObject({ changes: expect.arrayContaining([{ digest: deployed, before: 90, after: 100 }]) });
  });

  it('are revoked for good, with what runs by them told', async () => {
    await publish();
    const revoke = (dryRun: boolean) => ask('POST', `/v1/agents/payables/versions/${deployed}/revoke`, 'admin', { reason: 'it pays twice', dryRun });
    expect((await revoke(true)).body).toMatchObject({ dryRun: true, running: 1, revoked: { by: 'alma', reason: 'it pays twice' } });
    expect(written()).toHaveLength(1);
    expect((await revoke(false)).body).toMatchObject({ running: 1, revoked: { by: 'alma' } });
    await revoke(false);
    expect(written()).toEqual([subjects.agentVersion('payables', second), subjects.agentRevoked('payables', deployed)]);
    expect((await ask('GET', '/v1/agents/payables', 'viewer')).body).toMatchObject({ versions: [{ digest: second }, { digest: deployed, percent: 0, revoked: { by: 'alma', reason: 'it pays twice' } }] });
    expect(await ask('POST', '/v1/agents/payables/route', 'admin', { shares: [{ digest: deployed, weight: 1 }] })).toMatchObject({ status: 409, body: { code: 'agent.version-revoked' } });
  });

  it.each<[string, string, unknown, number, string]>([
    ['another name', '/v1/agents/other/versions', { declaration }, 400, '/declaration/name'],
    ['an unknown tool', '/v1/agents/payables/versions', { declaration: { ...declaration, tools: ['ship', 'sink'] } }, 400, '/declaration/tools/1'],
    ['an output schema that is none', '/v1/agents/payables/versions', { declaration: { ...declaration, outputSchema: { type: 'truth' } } }, 400, '/declaration/outputSchema'],
    ['a digest of its own', '/v1/agents/payables/versions', { declaration: { ...declaration, digest: second } }, 400, 'digest'],
    ['a version that is not there', '/v1/agents/payables/route', { shares: [{ digest: 'f'.repeat(64), weight: 1 }] }, 404, 'agent.version-unknown'],
    ['no weight at all', '/v1/agents/payables/route', { shares: [{ digest: deployed, weight: 0 }] }, 400, '/shares'],
    ['a version twice', '/v1/agents/payables/route', { shares: [{ digest: deployed, weight: 1 }, { digest: deployed, weight: 2 }] }, 400, '/shares'],
    ['an unknown agent', '/v1/agents/nobody/route', { shares: [] }, 404, 'agent.unknown'],
    ['an unknown version', `/v1/agents/payables/versions/${'f'.repeat(64)}/revoke`, { reason: 'x' }, 404, 'agent.version-unknown'],
    ['no reason', `/v1/agents/payables/versions/${deployed}/revoke`, {}, 400, '/reason'],
  ])('are not changed by %s', async (_what, url, payload, status, word) => {
    const answer = await ask('POST', url, 'admin', payload);
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([status, expect.stringContaining(word)]);
    expect(written()).toEqual([]);
  });

  it('are changed by nobody but an admin', async () => {
    for (const who of ['viewer', 'operator', 'approver'] as const) {
      for (const [url, payload] of [['/v1/agents/payables/versions', { declaration }], ['/v1/agents/payables/route', { shares: [] }], [`/v1/agents/payables/versions/${deployed}/revoke`, { reason: 'x' }]] as const) {
        expect((await ask('POST', url, who, payload)).status).toBe(403);
      }
    }
    expect(written()).toEqual([]);
  });
});
