import { afterAll, beforeAll } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { describeBudgetStore } from './budget-store.suite.js';
import { BusBudgetStore } from './bus-budget-store.js';

let broker: TestBroker;
let bus: Bus;
beforeAll(async () => {
  broker = await startTestBroker();
  bus = await Bus.connect({ url: broker.url, role: 'orchestrator', seed: broker.seedOf('orchestrator'), name: 'contract-budgets' });
});
afterAll(async () => {
  await bus.close();
  await broker.stop();
});

describeBudgetStore('the stream BUDGETS', async () => new BusBudgetStore(bus));
