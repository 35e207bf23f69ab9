import { HoldfastError } from '@holdfast/contracts';
import { delayedDelivery, duplicateDelivery, lostAcknowledgement } from './deliveries.ts';
import { diskFull, failingFsync, powerLoss, slowFsync, unsyncedPowerLoss } from './disks.ts';
import type { Fault } from './fault.ts';
import { killAtFailpoints, killAtRandom, killBroker, killEverything } from './kills.ts';
import { killLeader } from './leader.ts';
import { packetLoss, partition } from './network.ts';
import { pause, pauseBroker } from './pauses.ts';

export const FAULTS: readonly Fault[] = [
  killAtFailpoints, killAtRandom, killBroker, killLeader, killEverything, pause, pauseBroker, partition, packetLoss,
  duplicateDelivery, delayedDelivery, lostAcknowledgement, slowFsync, failingFsync, diskFull, powerLoss, unsyncedPowerLoss,
];

/** Throws `chaos.fault-unknown`, which names those that there are. */
export function faultNamed(name: string): Fault {
  const found = FAULTS.find((fault) => fault.name === name);
  if (found !== undefined) return found;
  throw new HoldfastError({ code: 'chaos.fault-unknown', message: `There is no fault "${name}".`, retryable: false, remedy: `Use some of: ${FAULTS.map((fault) => fault.name).join(', ')}.` });
}
