import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/contracts';
import { groupOf } from '../injection/process-group.ts';
import { bringUpLoopback, cutOff, droppedPackets, losePackets, restoreNetwork } from '../machine/network.ts';
import type { Fault, Scene } from './fault.ts';

const PARTITION_MS = 4_000;
const LOST_PERCENT = 5;

export const partition: Fault = {
  name: 'partition',
  summary: 'one or two services are cut off from the broker by packet filters, longer than leases and acknowledgement waits',
  needs: ['root', 'unshare', 'ip', 'nft'],
  isolated: 'network',
  prepare: inOwnNetwork,
  async inflict(scene) {
    const { stack, random, strike, say } = scene;
    await sleep(random.between(200, 800));
    const victims = random.shuffle(Object.entries(stack.services)).slice(0, random.between(1, 2));
    say(`cut off: ${victims.map(([name]) => name).join(', ')}`);
    await cutOff(victims.flatMap(([, { pid }]) => (pid === undefined ? [] : [groupOf(pid)])), brokerPort(scene));
    await sleep(PARTITION_MS);
    await requireDropped();
    await restoreNetwork();
    strike(`partition:${victims.map(([name]) => name).sort().join('+')}`);
  },
};

export const packetLoss: Fault = {
  name: 'packet-loss',
  summary: `${LOST_PERCENT} of a hundred packets between services and broker are lost`,
  needs: ['root', 'unshare', 'ip', 'nft'],
  isolated: 'network',
  prepare: inOwnNetwork,
  async inflict(scene) {
    await losePackets(LOST_PERCENT, brokerPort(scene));
    await sleep(scene.loadMs * 0.8);
    await requireDropped();
    await restoreNetwork();
    scene.strike('packet-loss');
  },
};

async function inOwnNetwork(): Promise<{ readonly environment: Readonly<Record<string, string>> }> {
  await bringUpLoopback();
  return { environment: { HOLDFAST_CHAOS_OWN_GROUP: 'yes' } };
}

function brokerPort({ stack }: Scene): number {
  if (stack.broker === undefined) throw new TypeError('the broker is somebody else\'s');
  return stack.broker.port;
}

/** A filter that drops nothing would make a round that shows nothing. */
async function requireDropped(): Promise<void> {
  if ((await droppedPackets()) > 0) return;
  throw new HoldfastError({ code: 'chaos.nothing-dropped', message: 'The packet filters did not drop a single packet.', retryable: false, remedy: 'Look at the rules in test-e2e/faults/machine/network.ts; the kernel may lack connection marks.' });
}
