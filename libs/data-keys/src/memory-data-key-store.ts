import { subjects, type DataKeyRecord, type RunId, type TenantId } from '@holdfast/contracts';
import type { DataKeyPlace, DataKeyStore, StoredKey } from './store.js';

interface Slot {
  readonly place: DataKeyPlace;
  stored: StoredKey | undefined;
  readonly runs: Set<RunId>;
}

/** The twin of the store on the broker, for specifications and simulation. */
export class MemoryDataKeyStore implements DataKeyStore {
  private readonly slots = new Map<string, Slot>();
  private readonly orders = new Map<string, number>();
  private readonly listeners = new Set<(place?: DataKeyPlace) => void>();
  private sequence = 0;

  /** Orders that a data subject be erased, as the stream ERASURES would number it. */
  order(tenant: TenantId, dataSubject: string): number {
    this.sequence += 1;
    this.orders.set(subjects.erasure(tenant, dataSubject), this.sequence);
    return this.sequence;
  }

  async generationOf(tenant: TenantId, dataSubject: string): Promise<number> {
    return this.orders.get(subjects.erasure(tenant, dataSubject)) ?? 0;
  }

  async read(place: DataKeyPlace): Promise<StoredKey | undefined> {
    return this.slots.get(nameOf(place))?.stored;
  }

  async create(place: DataKeyPlace, record: DataKeyRecord): Promise<StoredKey> {
    const slot = this.slot(place);
    slot.stored ??= { record, sequence: (this.sequence += 1) };
    return slot.stored;
  }

  async replace(place: DataKeyPlace, record: DataKeyRecord, sequence: number): Promise<boolean> {
    const slot = this.slot(place);
    if ((slot.stored?.sequence ?? 0) !== sequence) return false;
    slot.stored = { record, sequence: (this.sequence += 1) };
    return true;
  }

  async erase(place: DataKeyPlace, at: number): Promise<void> {
    const slot = this.slot(place);
    if (slot.stored !== undefined && 'erasedAt' in slot.stored.record) return;
    slot.stored = { record: { erasedAt: at }, sequence: (this.sequence += 1) };
    for (const listener of this.listeners) listener(place);
  }

  async generations(tenant: TenantId, dataSubject: string): Promise<readonly number[]> {
    return this.of(tenant, dataSubject).map(({ place }) => place.generation).sort((one, other) => one - other);
  }

  async *places(): AsyncIterable<DataKeyPlace> {
    for (const { place, stored } of this.slots.values()) if (stored !== undefined) yield place;
  }

  async noteRun(place: DataKeyPlace, runId: RunId): Promise<void> {
    this.slot(place).runs.add(runId);
  }

  async runs(tenant: TenantId, dataSubject: string): Promise<readonly { readonly generation: number; readonly runId: RunId }[]> {
    return this.of(tenant, dataSubject).flatMap(({ place, runs }) => [...runs].map((runId) => ({ generation: place.generation, runId })));
  }

  onChange(listener: (place?: DataKeyPlace) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private of(tenant: TenantId, dataSubject: string): readonly Slot[] {
    return [...this.slots.values()].filter(({ place }) => place.tenant === tenant && place.dataSubject === dataSubject);
  }

  private slot({ tenant, dataSubject, generation }: DataKeyPlace): Slot {
    const place = { tenant, dataSubject, generation };
    const slot = this.slots.get(nameOf(place)) ?? { place, stored: undefined, runs: new Set() };
    this.slots.set(nameOf(place), slot);
    return slot;
  }
}

function nameOf({ tenant, dataSubject, generation }: DataKeyPlace): string {
  return subjects.dataKey(tenant, dataSubject, generation);
}
