import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryFaults } from '../injection/orders.ts';
import type { Fault } from './fault.ts';

function mistreated(name: string, summary: string, faults: DeliveryFaults): Fault {
  return {
    name, summary, needs: [],
    async inflict({ orders, loadMs, strike }) {
      orders.mistreat(faults);
      try {
        await sleep(loadMs * 0.8);
      } finally {
        orders.calm();
      }
      strike(name);
    },
  };
}

export const duplicateDelivery = mistreated('duplicate-delivery', 'messages and requests come twice, up to two seconds apart', { duplicate: 0.3, delay: 0, loseAcknowledgement: 0, latestMs: 2_000 });
export const delayedDelivery = mistreated('delayed-delivery', 'work, requests and answers come up to half a second late and overtake each other', { duplicate: 0, delay: 0.2, loseAcknowledgement: 0, latestMs: 500 });
export const lostAcknowledgement = mistreated('lost-acknowledgement', 'the broker stores what was published, and its answer is lost', { duplicate: 0.05, delay: 0, loseAcknowledgement: 0.1, latestMs: 500 });
