import { describe, expect, it } from '@jest/globals';
import type { DataKeyRecord } from '@holdfast/contracts';
import type { DataKeyPlace, DataKeyStore } from './index.js';

export interface StoreUnderTest {
  readonly store: DataKeyStore;
  /** Orders that a data subject be erased, and gives the order's sequence. */
  order(tenant: string, dataSubject: string): Promise<number>;
}

let subjectsSoFar = 0;
const newPlace = (generation = 0): DataKeyPlace => ({ tenant: 'acme', dataSubject: `customer-${(subjectsSoFar += 1)}`, generation });
const record = (id: string): DataKeyRecord => ({ id: id.padStart(16, '0'), wrapped: Buffer.from(`wrapped ${id}`).toString('base64'), master: 'm', at: 1 });

async function heard(store: DataKeyStore, act: () => Promise<void>): Promise<readonly (DataKeyPlace | undefined)[]> {
  const places: (DataKeyPlace | undefined)[] = [];
  const stop = store.onChange((place) => places.push(place));
  await act();
  for (let look = 0; look < 100 && places.length === 0; look += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  stop();
  return places;
}

/** What every store of data keys promises. */
export function describeDataKeyStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`a store of data keys (${name})`, () => {
    it('keeps the first record of a place, and gives it to whoever comes second', async () => {
      const { store } = await open();
      const place = newPlace();
      expect(await store.read(place)).toBeUndefined();
      const [one, other] = await Promise.all([store.create(place, record('1')), store.create(place, record('2'))]);
      expect(one.record).toEqual(other.record);
      expect((await store.read(place))?.record).toEqual(one.record);
      expect((await store.create(place, record('3'))).record).toEqual(one.record);
    });

    it('replaces the record that was seen, and no other', async () => {
      const { store } = await open();
      const place = newPlace();
      const { sequence } = await store.create(place, record('1'));
      expect(await store.replace(place, record('2'), sequence)).toBe(true);
      expect(await store.replace(place, record('3'), sequence)).toBe(false);
      expect((await store.read(place))?.record).toEqual(record('2'));
    });

    it('erases for ever, tells whoever listens, and no later record takes the place', async () => {
      const { store } = await open();
      const place = newPlace();
      await store.create(place, record('1'));
      expect(await heard(store, () => store.erase(place, 7))).toEqual([place]);
      expect((await store.read(place))?.record).toEqual({ erasedAt: 7 });
      expect((await store.create(place, record('2'))).record).toEqual({ erasedAt: 7 });
      await store.erase(place, 9);
      expect((await store.read(place))?.record).toEqual({ erasedAt: 7 });
    });

    it('erases a place where no key ever was, so that none comes late', async () => {
      const { store } = await open();
      const place = newPlace();
      await store.noteRun(place, 'r1');
      await store.erase(place, 7);
      expect((await store.create(place, record('1'))).record).toEqual({ erasedAt: 7 });
    });

    it('knows the generations and runs of one subject, each once, and of no other', async () => {
      const { store } = await open();
      const place = newPlace();
      const later = { ...place, generation: 12 };
      await store.create(place, record('1'));
      for (const runId of ['r1', 'r1', 'r2']) await store.noteRun(place, runId);
      await store.noteRun(later, 'r3');
      await store.noteRun(newPlace(), 'r4');
      expect(await store.generations(place.tenant, place.dataSubject)).toEqual([0, 12]);
      expect(await store.runs(place.tenant, place.dataSubject)).toEqual([{ generation: 0, runId: 'r1' }, { generation: 0, runId: 'r2' }, { generation: 12, runId: 'r3' }]);
      const places: DataKeyPlace[] = [];
      for await (const found of store.places()) places.push(found);
      expect(places).toContainEqual(place);
      expect(places).not.toContainEqual(later);
    });

    it('begins a new generation with each order to erase the subject', async () => {
      const { store, order } = await open();
      const { tenant, dataSubject } = newPlace();
      expect(await store.generationOf(tenant, dataSubject)).toBe(0);
      const first = await order(tenant, dataSubject);
      expect(await store.generationOf(tenant, dataSubject)).toBe(first);
      const second = await order(tenant, dataSubject);
      expect(second).toBeGreaterThan(first);
      expect(await store.generationOf(tenant, dataSubject)).toBe(second);
    });
  });
}
