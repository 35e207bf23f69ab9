import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeLeaseStore } from './lease-store.suite.js';
import { MemoryLeaseStore } from './memory-lease-store.js';
import { Cluster, PARTITIONS } from './ownership.fixture.js';

describe('the leases in memory', () => {
  describeLeaseStore(async () => {
    const store = new MemoryLeaseStore();
    return { store, other: store };
  });
});

describe('partitions', () => {
  let cluster: Cluster;
  const everyPartitionHasOneWorker = (): void => expect(cluster.workers().map((workers) => workers.length)).toEqual(Array.from({ length: PARTITIONS }, () => 1));

  beforeEach(() => {
    cluster = new Cluster();
  });

  it('are all taken by the first orchestrator at its first look', async () => {
    cluster.add('a');
    await cluster.pass(200);
    everyPartitionHasOneWorker();
  });

  it('are shared with a second one within a second of its start', async () => {
    cluster.add('a');
    await cluster.pass(1_000);
    cluster.add('bb');
    await cluster.pass(1_000);
    everyPartitionHasOneWorker();
    expect(cluster.shares()).toEqual({ a: 4, bb: 4 });
  });

  it('go to the others at once when an orchestrator leaves, and it never takes them back', async () => {
    const leaver = cluster.add('a');
    cluster.add('bb');
    await cluster.pass(2_000);
    await leaver.ownership.leave();
    expect(leaver.working.size).toBe(0);
    await cluster.pass(200);
    expect(cluster.shares()).toEqual({ a: 0, bb: PARTITIONS });
  });

  it('of an orchestrator that was killed go to the others within a second, since nobody answers for it', async () => {
    cluster.add('a');
    cluster.add('bb');
    await cluster.pass(2_000);
    cluster.kill('a');
    await cluster.pass(1_000);
    expect(cluster.shares()).toEqual({ bb: PARTITIONS });
  });

  it('of an orchestrator that was killed alone go to its successor within a second', async () => {
    cluster.add('a');
    await cluster.pass(2_000);
    cluster.kill('a');
    cluster.add('bb');
    await cluster.pass(1_000);
    everyPartitionHasOneWorker();
  });

  it('of an orchestrator that is stopped but still connected go to the others when its lease is over, within three seconds', async () => {
    const stopped = cluster.add('a');
    cluster.add('bb');
    await cluster.pass(2_000);
    stopped.running = false;
    await cluster.pass(1_600);
    expect(cluster.shares()).toEqual({ a: 4, bb: 4 });
    await cluster.pass(1_000);
    expect(cluster.shares()).toEqual({ a: 4, bb: PARTITIONS });

    // Awake again, it finds that others have them, and is given its share back in good order.
    stopped.running = true;
    await cluster.pass(1_000);
    everyPartitionHasOneWorker();
    expect(cluster.shares()).toEqual({ a: 4, bb: 4 });
  });

  it('stay where they are while nobody can read the bucket, and after it', async () => {
    cluster.add('a');
    cluster.add('bb');
    await cluster.pass(2_000);
    const before = cluster.workers();
    // An hour in which no look succeeds: nobody watched anybody, so nobody is judged.
    cluster.now += 3_600_000;
    await cluster.pass(400);
    expect(cluster.workers()).toEqual(before);
  });

  it('whose record has gone, because nobody renewed it for an hour, are written anew by whoever works on them', async () => {
    cluster.add('a');
    await cluster.pass(400);
    const stored = (await cluster.store.read()).leases.get(0);
    expect(stored?.owner).toBe('a');
    cluster.store.expire(0);
    await cluster.pass(200);
    expect((await cluster.store.read()).leases.get(0)?.owner).toBe('a');
    everyPartitionHasOneWorker();
  });

  it('have one worker each, and fair shares, three seconds after any sequence of starts, kills, drains and stops', async () => {
    const step = fc.record({ what: fc.constantFrom('start', 'kill', 'drain', 'stop', 'wake'), which: fc.nat(5), then: fc.integer({ min: 0, max: 15 }) });
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      cluster = new Cluster();
      let started = 0;
      const start = (): void => void cluster.add(`pod-${'x'.repeat((started += 1))}`);
      start();
      for (const { what, which, then } of steps) {
        const names = [...cluster.pods.keys()];
        const name = names[which % Math.max(1, names.length)];
        const pod = name === undefined ? undefined : cluster.pods.get(name);
        if (what === 'start') start();
        if (what === 'kill' && name !== undefined) cluster.kill(name);
        if (what === 'drain' && pod !== undefined && name !== undefined && pod.running) {
          await pod.ownership.leave();
          cluster.kill(name);
        }
        if (pod !== undefined && (what === 'stop' || what === 'wake')) pod.running = what === 'wake';
        await cluster.pass(then * 200);
      }
      for (const pod of cluster.pods.values()) pod.running = true;
      if (cluster.pods.size === 0) start();
      await cluster.pass(3_000);

      everyPartitionHasOneWorker();
      const most = Math.ceil(PARTITIONS / cluster.pods.size);
      expect(Object.values(cluster.shares()).every((share) => share <= most)).toBe(true);
    }), { numRuns: 100 });
  });
});
