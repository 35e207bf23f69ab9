/** A planner's worker in a process of its own that takes what it gets and never finishes: it is there to be killed. */
import { Bus } from '@holdfast/bus';
import { plannerConsumer } from './bench.fixture.js';

const { BROKER_URL: url = '', BROKER_SEED: seed = '' } = process.env;
const bus = await Bus.connect({ url, role: 'planner', seed, name: 'to-be-killed' });
bus.work({
  consumer: plannerConsumer(), concurrency: 3, onError: () => undefined, onMissing: () => undefined,
  handle: async (message) => {
    process.stdout.write(`${message.sequence}\n`);
    return new Promise(() => undefined);
  },
});
