import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { consumersOf } from '@holdfast/contracts';
import { startTestBroker, type TestBroker } from '../test-broker.js';

let broker: TestBroker;
let publisher: Bus;
let gateway: Bus;

beforeAll(async () => {
  broker = await startTestBroker();
  publisher = await Bus.connect({ url: broker.url, role: 'publisher', seed: broker.seedOf('publisher'), name: 'empty' });
  gateway = await Bus.connect({ url: broker.url, role: 'gateway', seed: broker.seedOf('gateway'), name: 'empty' });
});

afterAll(async () => {
  await Promise.all([publisher.close(), gateway.close()]);
  await broker.stop();
});

// The broker takes an empty message for the end of a pull across accounts. If only missed heartbeats told the worker so,
// each of these would cost eight seconds and the whole more than the test may take.
it('a worker goes on after empty messages, so nobody can stall intake with them', async () => {
  const consumer = consumersOf(2, []).find((candidate) => candidate.stream === 'TASKS');
  if (consumer === undefined) throw new Error('the contracts declare no consumer of tasks');
  const handled: string[] = [];
  const all = new Promise<void>((resolve) => {
    gateway.work({
      consumer, concurrency: 4, onError: () => undefined, onMissing: () => undefined,
      handle: async (message) => {
        handled.push(new TextDecoder().decode(message.data));
        if (new Set(handled).size === 21) resolve();
        return 'done';
      },
    });
  });
  for (let number = 1; number <= 20; number += 1) {
    await publisher.publish('tasks.acme', '');
    await publisher.publish('tasks.acme', `task ${number}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await all;
  expect(new Set(handled)).toEqual(new Set(['', ...Array.from({ length: 20 }, (_, index) => `task ${index + 1}`)]));
});
