import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { BusThreadRuns } from './thread-runs.js';
import { describeThreadRuns } from './thread-runs.suite.js';

let broker: TestBroker;
let bus: Bus;
beforeAll(async () => {
  broker = await startTestBroker();
  bus = await Bus.connect({ url: broker.url, role: 'orchestrator', seed: broker.seedOf('orchestrator'), name: 'contract-threads' });
});
afterAll(async () => {
  await bus.close();
  await broker.stop();
});

describeThreadRuns('the stream THREADS', () => new BusThreadRuns(bus));

describe('a thread of more runs than one read brings', () => {
  it('is read as a whole', async () => {
    const threads = new BusThreadRuns(bus);
    const names = Array.from({ length: 1_100 }, (_, index) => `r${index}`);
    await Promise.all(names.map((runId) => threads.join({ tenant: 'acme', runId }, 'long')));
    expect((await threads.of('acme', 'long')).map(({ runId }) => runId).toSorted()).toEqual(names.toSorted());
  });
});
