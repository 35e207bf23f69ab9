import { expect, it } from '@jest/globals';
import type { LeaseStore } from './lease-store.js';

/** The contract of {@link LeaseStore}; `other` is a second process's view of the same bucket. */
export function describeLeaseStore(open: () => Promise<{ readonly store: LeaseStore; readonly other: LeaseStore }>): void {
  it('is empty at first, and shows everybody what anybody wrote', async () => {
    const { store, other } = await open();
    expect(await store.read()).toEqual({ members: [], leases: new Map() });
    await store.beat('a', false);
    const taken = await store.take(3, 'a', 0);
    expect(taken).toMatchObject({ status: 'set' });

    const seen = await other.read();
    expect(seen.members).toEqual([{ member: 'a', leaving: false, sequence: expect.any(Number), storedAt: expect.any(Number) }]);
    expect(seen.leases.get(3)).toEqual({ owner: 'a', sequence: 'sequence' in taken ? taken.sequence : 0 });
  });

  it('shows each heartbeat as another sequence, and who is leaving', async () => {
    const { store, other } = await open();
    await store.beat('a', false);
    const first = (await other.read()).members[0];
    await store.beat('a', true);
    const second = (await other.read()).members;
    expect(second).toHaveLength(1);
    expect(second[0]?.sequence).not.toBe(first?.sequence);
    expect(second[0]?.leaving).toBe(true);
    expect(second[0]?.storedAt).toBeGreaterThanOrEqual(first?.storedAt ?? Infinity);
  });

  it('lets one of two have a partition, and tells the other that it was too late', async () => {
    const { store, other } = await open();
    const results = await Promise.all([store.take(0, 'a', 0), other.take(0, 'b', 0)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['conflict', 'set']);
    const winner = results[0]?.status === 'set' ? 'a' : 'b';
    expect((await store.read()).leases.get(0)?.owner).toBe(winner);
  });

  it('lets a partition change hands only from the record that was seen', async () => {
    const { store, other } = await open();
    const taken = await store.take(1, 'a', 0);
    const sequence = taken.status === 'set' ? taken.sequence : 0;
    expect(await other.take(1, 'b', 0)).toEqual({ status: 'conflict' });
    const given = await store.take(1, undefined, sequence);
    expect((await other.read()).leases.get(1)).toMatchObject({ owner: undefined });
    expect(await other.take(1, 'b', sequence)).toEqual({ status: 'conflict' });
    expect(await other.take(1, 'b', given.status === 'set' ? given.sequence : 0)).toMatchObject({ status: 'set' });
  });
}
