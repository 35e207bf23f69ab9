import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bus } from '@holdfast/bus';
import { z } from 'zod';
import { startTestBroker, type TestBroker } from '../test-broker.js';

let broker: TestBroker;
let orchestrator: Bus;
let planner: Bus;

beforeAll(async () => {
  broker = await startTestBroker();
  orchestrator = await Bus.connect({ url: broker.url, role: 'orchestrator', seed: broker.seedOf('orchestrator'), name: 'reconnect' });
  planner = await Bus.connect({ url: broker.url, role: 'planner', seed: broker.seedOf('planner'), name: 'reconnect' });
  orchestrator.serve('fact.*.*.*.plan', z.unknown(), async (value) => value);
});

afterAll(async () => {
  await Promise.all([orchestrator.close(), planner.close()]);
  await broker.stop();
});

describe('while the broker is away', () => {
  it('what is asked is held back and answered at the first try once it is there again', async () => {
    await broker.kill();
    await sleep(100);
    const asked = Promise.all([
      orchestrator.publish('log.0.acme.r1.plan', 'x', { timeoutMs: 20_000 }),
      orchestrator.lastBySubject('LOG-1', 'log.1.>'),
    ]);
    await broker.restart();
    expect(await asked).toEqual([{ status: 'stored', sequence: 1, duplicate: false }, undefined]);
    // Another service may be back later than the asker, so its answer may take a second try.
    const answer = async (): Promise<unknown> => planner.request('fact.0.acme.r1.plan', { asked: 'meanwhile' }, z.unknown()).catch(() => sleep(100).then(answer));
    expect(await answer()).toEqual({ asked: 'meanwhile' });
  });

  it('what was under way is given up at once, and the caller hears that nothing is certain', async () => {
    orchestrator.serve('fact.*.*.*.tool', z.unknown(), () => new Promise(() => undefined));
    const tools = await Bus.connect({ url: broker.url, role: 'tools', seed: broker.seedOf('tools'), name: 'reconnect' });
    const asked = tools.request('fact.0.acme.r1.tool', {}, z.unknown(), { timeoutMs: 600_000 });
    const heard = expect(asked).rejects.toMatchObject({ code: 'bus.unanswered', retryable: true });
    await sleep(200);
    await broker.kill();
    await heard;
    await broker.restart();
    await tools.close();
  });
});
