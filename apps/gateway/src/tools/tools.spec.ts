import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { subjects, type ToolContract } from '@holdfast/contracts';
import type { InMemoryEventLog } from '@holdfast/event-log';
import { askAs, shipTool, startGateway, type FakeBus } from '../gateway.fixture.js';
import { accepted, append, called, decided, judged, key, newLog } from '../runs/run.fixture.js';
import { Releaser } from './releaser.js';

const retyped: ToolContract = { ...shipTool, input: { ...shipTool.input, properties: { order: { type: 'integer' } } }, digest: 'b'.repeat(64) };

async function parkedRun(log: InMemoryEventLog, run: string, tenant = 'acme'): Promise<void> {
  await append(log, key(run, tenant), 'plan', [accepted()]);
  await append(log, key(run, tenant), 'call.default', [decided(1, [{ tool: 'ship', arguments: { order: 'o-1' } }]), judged('c1-1', 'ship', 'allow', 'fine'), called('c1-1', 'ship', { order: 'o-1' })]);
  await append(log, key(run, tenant), 'wait', [{ type: 'call-parked', callId: 'c1-1', tool: 'ship', reason: 'retyped', quarantine: 1 }]);
}

describe('tools', () => {
  let log: InMemoryEventLog;
  let bus: FakeBus;
  let app: NestFastifyApplication;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    log = newLog();
    await parkedRun(log, 'run-1');
    await parkedRun(log, 'run-foreign', 'globex');
    ({ app, bus, stop } = await startGateway(log));
  });
  afterEach(() => stop());

  const observe = (contract: ToolContract | undefined): Promise<unknown> => bus.publish(subjects.observedContract('ship'), JSON.stringify({ ...(contract === undefined ? {} : { contract }), source: 'the carrier', at: 1 }));
  const ask = (method: 'GET' | 'POST', url: string, who: Parameters<typeof askAs>[3], payload?: unknown): ReturnType<typeof askAs> => askAs(app, method, url, who, payload);
  const sweep = (): Promise<void> => app.get(Releaser).sweep();
  const released = () => bus.published.filter(({ subject }) => subject.endsWith('.release'));

  it('that nobody changed are healthy', async () => {
    expect((await ask('GET', '/v1/tools', 'viewer')).body).toEqual({ tools: [{ ...shipTool, status: 'healthy' }] });
    expect((await ask('GET', '/v1/tools/ship', 'viewer')).body).toMatchObject({ name: 'ship', status: 'healthy', contract: shipTool, differences: [] });
  });

  it('that broke show the difference in words, and the caller\'s own calls that wait', async () => {
    await observe(retyped);
    const { body } = await ask('GET', '/v1/tools/ship', 'viewer');
    expect(body).toMatchObject({
      status: 'quarantined', contract: shipTool, candidate: retyped, reason: '"order" of the input was string and is integer.',
      differences: [{ path: 'input.order', kind: 'retyped', breaking: true }], parked: [{ runId: 'run-1', callId: 'c1-1' }],
    });
    expect((await ask('GET', '/v1/tools', 'viewer')).body.tools[0].status).toBe('quarantined');
    await sweep();
    expect(released()).toEqual([]);
  });

  it('count under the candidate once an admin accepts it, said twice or not, and let the parked calls of every tenant go on once', async () => {
    await observe(retyped);
    for (const time of ['first', 'again']) {
      const { status, body } = await ask('POST', '/v1/tools/ship/accept', 'admin', { digest: retyped.digest, comment: 'looked at it' });
      expect({ time, status, body }).toMatchObject({ status: 200, body: { status: 'healthy', contract: retyped, accepted: { by: 'alma', comment: 'looked at it', digest: retyped.digest } } });
    }
    expect(bus.published.filter(({ subject }) => subject === subjects.acceptedContract('ship'))).toHaveLength(1);
    await sweep();
    await sweep();
    expect(released().map(({ subject, body }) => [subject.split('.').slice(2, 4).join('/'), body]).sort()).toEqual([
      ['acme/run-1', expect.objectContaining({ kind: 'release', callId: 'c1-1', quarantine: 1, by: 'alma', reason: expect.stringContaining('looked at it') })],
      ['globex/run-foreign', expect.objectContaining({ kind: 'release', callId: 'c1-1', by: 'alma' })],
    ]);
  });

  it('release a call that was parked once more, and none that goes on', async () => {
    await sweep();
    expect(released().filter(({ subject }) => subject.includes('.run-1.'))).toHaveLength(1);
    await append(log, key('run-1'), 'call.default', [{ type: 'call-released', callId: 'c1-1', tool: 'ship', by: 'alma', reason: '', quarantine: 1 }, called('c1-1', 'ship', { order: 'o-1' })]);
    await sweep();
    expect(released().filter(({ subject }) => subject.includes('.run-1.'))).toHaveLength(1);
    await append(log, key('run-1'), 'wait', [{ type: 'call-parked', callId: 'c1-1', tool: 'ship', reason: 'a late worker', quarantine: 1 }]);
    await sweep();
    const [first, second] = released().filter(({ subject }) => subject.includes('.run-1.')).map(({ options }) => options?.messageId);
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
  });

  it('that are gone have nothing to accept, and are released when their server offers them again', async () => {
    await observe(undefined);
    expect((await ask('GET', '/v1/tools/ship', 'viewer')).body).toMatchObject({ status: 'quarantined', reason: 'the carrier has no such tool any more.', differences: [] });
    expect(await ask('POST', '/v1/tools/ship/accept', 'admin', { digest: shipTool.digest })).toMatchObject({ status: 409, body: { code: 'registry.nothing-to-accept' } });
    await observe(shipTool);
    await ask('GET', '/v1/tools/ship', 'viewer');
    await sweep();
    expect(released()[0]?.body).toMatchObject({ by: 'holdfast', reason: expect.stringContaining('offers what was accepted') });
  });

  it.each([
    ['a contract that is not the one that waits', 'admin', '/v1/tools/ship/accept', { digest: 'c'.repeat(64) }, 409, 'registry.candidate-changed'],
    ['somebody who may only approve', 'approver', '/v1/tools/ship/accept', { digest: retyped.digest }, 403, 'auth.role-missing'],
    ['a tool that does not exist', 'admin', '/v1/tools/nothing/accept', { digest: retyped.digest }, 404, 'tool.unknown'],
    ['a word without a digest', 'admin', '/v1/tools/ship/accept', {}, 400, 'request.invalid'],
  ] as const)('refuse %s', async (_what, who, url, payload, status, code) => {
    await observe(retyped);
    const answer = await ask('POST', url, who, payload);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(bus.published.some(({ subject }) => subject === subjects.acceptedContract('ship'))).toBe(false);
  });

  it('do not accept a contract whose schema nobody can check', async () => {
    await observe({ ...retyped, input: { type: 'object', properties: { order: { type: 'strange' } } } });
    expect(await ask('POST', '/v1/tools/ship/accept', 'admin', { digest: retyped.digest })).toMatchObject({ status: 422, body: { code: 'schema.invalid' } });
  });
});
