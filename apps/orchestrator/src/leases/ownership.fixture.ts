import { createLogger } from '@holdfast/observability';
import { MemoryLeaseStore } from './memory-lease-store.js';
import { Ownership } from './ownership.js';

export const PARTITIONS = 8;

/** One process as the others see it: it looks while it runs, and answers while it is connected. */
export interface Pod {
  readonly ownership: Ownership;
  /** Taking part; a stopped pod does not look and does not beat. */
  running: boolean;
  /** Partitions that it works on, whatever the bucket says. */
  readonly working: Set<number>;
}

/** Several orchestrators on one bucket in virtual time. Each has a monotonic clock of its own, with an origin of its own. */
export class Cluster {
  readonly store = new MemoryLeaseStore();
  readonly pods = new Map<string, Pod>();
  now = 0;

  add(member: string): Pod {
    const origin = member.length * 1_000_000;
    const working = new Set<number>();
    const ownership = new Ownership({
      member, partitions: PARTITIONS, store: this.store, monotonic: () => origin + this.now, logger: createLogger({ service: 'orchestrator', level: 'silent' }),
      onGained: (partition) => void working.add(partition),
      onLost: async (partition) => void working.delete(partition),
    });
    const pod: Pod = { ownership, running: true, working };
    this.pods.set(member, pod);
    this.store.connected.add(member);
    return pod;
  }

  /** SIGKILL: the process and its connection are gone. */
  kill(member: string): void {
    this.pods.delete(member);
    this.store.connected.delete(member);
  }

  /** Lets so much time pass, with a look of every running pod each 200 ms. */
  async pass(milliseconds: number): Promise<void> {
    for (const end = this.now + milliseconds; this.now < end;) {
      this.now += 200;
      for (const pod of [...this.pods.values()]) if (pod.running) await pod.ownership.turn();
      // What a look began in the background is finished before the next.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Who works on each partition. */
  workers(): readonly (readonly string[])[] {
    return Array.from({ length: PARTITIONS }, (_, partition) => [...this.pods].filter(([, pod]) => pod.working.has(partition)).map(([member]) => member));
  }

  shares(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.pods].map(([member, pod]) => [member, pod.working.size]));
  }
}
