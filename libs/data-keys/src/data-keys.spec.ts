import { describe, expect, it } from '@jest/globals';
import { DataKeys, ERASED, MasterKeys, MemoryDataKeyStore, newMasterKey } from './index.js';
import { describeDataKeyStore } from './data-key-store.suite.js';

const key = { tenant: 'acme', runId: 'r1' };

describeDataKeyStore('in memory', async () => {
  const store = new MemoryDataKeyStore();
  return { store, order: async (tenant, dataSubject) => store.order(tenant, dataSubject) };
});

function installation(master = newMasterKey()) {
  const store = new MemoryDataKeyStore();
  return { store, open: (file: string | undefined = master) => new DataKeys(store, file === undefined ? undefined : MasterKeys.parse(file), () => 1, 0), master };
}

describe('data keys', () => {
  it('are one for all processes and runs of a subject, and others for other subjects and tenants', async () => {
    const { open } = installation();
    const [one, other] = [open(), open()];
    const [first, second] = await Promise.all([one.begin(key, 'customer-7'), other.begin({ tenant: 'acme', runId: 'r2' }, 'customer-7')]);
    expect(second).toEqual(first);
    expect(await other.find('acme', first)).toEqual(await one.find('acme', second));
    const elsewhere = await one.begin({ tenant: 'rival', runId: 'r1' }, 'customer-7');
    const stranger = await one.begin(key, 'customer-8');
    expect(new Set([first.id, elsewhere.id, stranger.id]).size).toBe(3);
  });

  it('are read at once when they have been read before', async () => {
    const { open } = installation();
    const name = await open().begin(key, 'customer-7');
    const reader = open();
    expect(reader.atHand('acme', name)).toBeUndefined();
    const [found, again] = await Promise.all([reader.find('acme', name), reader.find('acme', name)]);
    expect(again).toBe(found);
    expect(reader.atHand('acme', name)).toBe(found);
  });

  it('are gone for every process once an order to erase has been carried out, whoever had them, and the next run has a new one', async () => {
    const { open, store } = installation();
    const [eraser, reader] = [open(), open()];
    const name = await eraser.begin(key, 'customer-7');
    await reader.find('acme', name);
    const told: unknown[] = [];
    reader.onErased((place) => told.push(place));
    const order = store.order('acme', 'customer-7');
    expect(await eraser.runsBefore('acme', 'customer-7', order)).toEqual(['r1']);
    expect(await reader.isErasedBefore('acme', 'customer-7', order)).toBe(false);

    const later = await reader.begin({ tenant: 'acme', runId: 'r2' }, 'customer-7');
    expect(await eraser.eraseBefore('acme', 'customer-7', order)).toEqual([0]);
    expect(await eraser.eraseBefore('acme', 'customer-7', order)).toEqual([0]);
    expect(told).toEqual([{ tenant: 'acme', dataSubject: 'customer-7', generation: 0 }]);
    for (const keys of [eraser, reader, open()]) expect(await keys.find('acme', name)).toBe(ERASED);
    expect(await reader.isErasedBefore('acme', 'customer-7', order)).toBe(true);
    expect(later).toMatchObject({ generation: order });
    expect(await open().find('acme', later)).not.toBe(ERASED);
    expect(await eraser.runsBefore('acme', 'customer-7', order)).toEqual(['r1']);
  });

  it('of a subject that nobody knows are erased without anything to do', async () => {
    const { open, store } = installation();
    expect(await open().eraseBefore('acme', 'nobody', store.order('acme', 'nobody'))).toEqual([]);
    expect(await open().isErasedBefore('acme', 'nobody', 1)).toBe(true);
  });

  it('are never made for a generation that is erased, whatever a replica that is behind says', async () => {
    const { open, store } = installation();
    await store.erase({ tenant: 'acme', dataSubject: 'customer-7', generation: 0 }, 1);
    await expect(open().begin(key, 'customer-7')).rejects.toMatchObject({ code: 'data-key.unavailable', retryable: true });
  });

  it('that are not there and were not erased are missed, which is no erasure', async () => {
    const { open } = installation();
    await expect(open().find('acme', { dataSubject: 'customer-7', generation: 0, id: '0'.repeat(16) })).rejects.toMatchObject({ code: 'data-key.missing', retryable: false });
  });

  it('that took the place of one that was lost read nothing of it', async () => {
    const { open } = installation();
    const name = await open().begin(key, 'customer-7');
    expect(await open().find('acme', { ...name, id: 'f'.repeat(16) })).toBe(ERASED);
  });
});

describe('a master key', () => {
  it('is needed for every key, and nothing is read or made without it', async () => {
    const { open } = installation();
    const name = await open().begin(key, 'customer-7');
    const without = new DataKeys((installation()).store, undefined);
    await expect(without.begin(key, 'customer-7')).rejects.toMatchObject({ code: 'data-key.master-missing', retryable: true });
    await expect(without.find('acme', name)).rejects.toMatchObject({ code: 'data-key.master-missing' });
  });

  it('of another installation opens nothing', async () => {
    const { open } = installation();
    const name = await open().begin(key, 'customer-7');
    await expect(open(newMasterKey()).find('acme', name)).rejects.toMatchObject({ code: 'data-key.master-unknown', retryable: true });
  });

  it('is exchanged while everybody works: first in front of the old one, then alone', async () => {
    const { open, master } = installation();
    const name = await open().begin(key, 'customer-7');
    const next = newMasterKey();
    const both = `${next}\n${master}\n`;
    const before = await open(both).find('acme', name);
    expect(await open(both).rewrap()).toBe(1);
    expect(await open(both).rewrap()).toBe(0);
    expect(await open(next).find('acme', name)).toEqual(before);
    await expect(open(master).find('acme', name)).rejects.toMatchObject({ code: 'data-key.master-unknown' });
  });

  it.each([['', 'empty'], ['c2hvcnQ=', 'no key'], [`${'A'.repeat(43)}!`, 'no key']])('is refused where its file says %j, without repeating it', (text, why) => {
    expect(() => MasterKeys.parse(text)).toThrow(expect.objectContaining({ code: 'settings.master-key-invalid', message: expect.stringContaining(why) }) as never);
    if (text !== '') expect(() => MasterKeys.parse(text)).not.toThrow(new RegExp(text.replaceAll(/[^A-Za-z0-9]/g, '.')));
  });

  it('moves no data key to another subject, tenant or generation', async () => {
    const { open, store } = installation();
    await open().begin(key, 'customer-7');
    const stolen = await store.read({ tenant: 'acme', dataSubject: 'customer-7', generation: 0 });
    if (stolen === undefined || 'erasedAt' in stolen.record) throw new Error('no key');
    await store.create({ tenant: 'rival', dataSubject: 'customer-7', generation: 0 }, stolen.record);
    await expect(open().find('rival', { dataSubject: 'customer-7', generation: 0, id: stolen.record.id })).rejects.toMatchObject({ code: 'data-key.corrupt' });
  });
});
