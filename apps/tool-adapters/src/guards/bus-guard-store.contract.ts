import { afterAll, beforeAll } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { describeGuardStore } from '@holdfast/tool-sdk/guard-store.suite';
import { BusGuardStore } from './bus-guard-store.js';

let broker: TestBroker;
let bus: Bus;
beforeAll(async () => {
  broker = await startTestBroker();
  bus = await Bus.connect({ url: broker.url, role: 'tools', seed: broker.seedOf('tools'), name: 'contract-guards' });
});
afterAll(async () => {
  await bus.close();
  await broker.stop();
});

describeGuardStore('the bucket KV_guards', () => Promise.resolve(new BusGuardStore(bus)));
