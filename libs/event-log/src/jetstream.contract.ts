import { Bus } from '@holdfast/bus';
import { startTestBroker } from '@holdfast/testing';
import { JetStreamEventLog } from './index.js';
import { eventLogContract } from './event-log.suite.js';

const PARTITIONS = 3;

eventLogContract('JetStream', async () => {
  const broker = await startTestBroker({ partitions: PARTITIONS });
  const open: Bus[] = [];
  const connect = async (role: 'orchestrator' | 'gateway'): Promise<JetStreamEventLog> => {
    const bus = await Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: `contract-${role}` });
    open.push(bus);
    return new JetStreamEventLog(bus, PARTITIONS);
  };
  return {
    openWriter: () => connect('orchestrator'),
    openReader: () => connect('gateway'),
    close: async () => {
      await Promise.all(open.map((bus) => bus.close()));
      await broker.stop();
    },
  };
});
