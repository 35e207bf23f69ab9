import type { KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { HoldfastError, type DataKeyName, type RunKey, type TenantId } from '@holdfast/contracts';
import { newDataKey, type MasterKeys } from './master-keys.js';
import type { DataKeyPlace, DataKeyStore, StoredKey } from './store.js';

/** What stands for a key that an erasure took. */
export const ERASED = 'erased';
export type HeldKey = KeyObject | typeof ERASED;

/** Reads keys by name; what decodes commits needs no more. */
export interface KeyReader {
  /** The key, or that it is erased. Throws `data-key.master-missing`, `data-key.master-unknown`, `data-key.unavailable` (retryable) and `data-key.missing`. */
  find(tenant: TenantId, name: DataKeyName): Promise<HeldKey>;
  /** The same without waiting; undefined where it has to be fetched first. */
  atHand(tenant: TenantId, name: DataKeyName): HeldKey | undefined;
  /** Calls back after a key was erased, or may have been: what was read by it has to be forgotten. Without a place, of any key. */
  onErased(listener: (place?: DataKeyPlace) => void): () => void;
}

/** Keys in memory at once; one takes some hundred bytes. */
const MOST_HELD = 10_000;
/** A key that nobody said was erased is looked at again after so many milliseconds: what tells of erasures may be lost. */
const HELD_MS = 60_000;
/** A replica that is behind may say that there is no key: another answers the next try, over about two and a half seconds. */
const BEHIND_TRIES = 10;
const BEHIND_MS = 250;

interface Known {
  readonly id: string;
  readonly key: HeldKey;
}

/** The data keys of an installation, as far as one process has needed them. */
export class DataKeys implements KeyReader {
  private readonly held = new LRUCache<string, Known>({ max: MOST_HELD, ttl: HELD_MS });
  private readonly fetching = new Map<string, Promise<Known>>();
  private readonly listeners = new Set<(place?: DataKeyPlace) => void>();
  private readonly stop: () => void;

  /** Without master keys everything that needs one fails, and nothing is read or written in clear. */
  constructor(private readonly store: DataKeyStore, private readonly masters: MasterKeys | undefined, private readonly clock: () => number = Date.now, private readonly behindMs = BEHIND_MS) {
    this.stop = store.onChange((place) => this.forget(place));
  }

  close(): void {
    this.stop();
  }

  atHand(tenant: TenantId, name: DataKeyName): HeldKey | undefined {
    const known = this.held.get(nameOf({ tenant, ...name }));
    return known === undefined ? undefined : keyIn(known, name);
  }

  async find(tenant: TenantId, name: DataKeyName): Promise<HeldKey> {
    return this.atHand(tenant, name) ?? keyIn(await this.fetch({ tenant, dataSubject: name.dataSubject, generation: name.generation }), name);
  }

  onErased(listener: (place?: DataKeyPlace) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The key for a run that begins: the subject's present one, made where there is none yet, and noted as the run's. */
  async begin({ tenant, runId }: RunKey, dataSubject: string): Promise<DataKeyName> {
    const place = { tenant, dataSubject, generation: await this.store.generationOf(tenant, dataSubject) };
    const name = await this.present(place);
    await this.store.noteRun(place, runId);
    return name;
  }

  /** The key of the run that starts this one, noted as its own as well. */
  async continue({ tenant, runId }: RunKey, name: DataKeyName): Promise<DataKeyName> {
    await this.store.noteRun({ tenant, ...name }, runId);
    return name;
  }

  /** The runs under keys of generations before this one. */
  async runsBefore(tenant: TenantId, dataSubject: string, generation: number): Promise<readonly string[]> {
    return (await this.store.runs(tenant, dataSubject)).filter((run) => run.generation < generation).map(({ runId }) => runId);
  }

  /** Erases the keys of all generations before this one; which ones, is told. Doing it again is going on with it. */
  async eraseBefore(tenant: TenantId, dataSubject: string, generation: number): Promise<readonly number[]> {
    const before = (await this.store.generations(tenant, dataSubject)).filter((each) => each < generation);
    for (const each of before) {
      const place = { tenant, dataSubject, generation: each };
      await this.store.erase(place, this.clock());
      this.forget(place);
    }
    return before;
  }

  /** True when no key of a generation before this one is left. */
  async isErasedBefore(tenant: TenantId, dataSubject: string, generation: number): Promise<boolean> {
    const before = (await this.store.generations(tenant, dataSubject)).filter((each) => each < generation);
    const found = await Promise.all(before.map((each) => this.store.read({ tenant, dataSubject, generation: each })));
    return found.every((stored) => stored !== undefined && 'erasedAt' in stored.record);
  }

  /** Brings all keys under the first master key; how many it was needed for, is told. Doing it again is going on with it. */
  async rewrap(): Promise<number> {
    const masters = this.mastersOrThrow();
    let rewrapped = 0;
    for await (const place of this.store.places()) {
      const stored = await this.store.read(place);
      if (stored === undefined) continue;
      const { record, sequence } = stored;
      if ('erasedAt' in record || record.master === masters.present) continue;
      if (await this.store.replace(place, masters.wrap(masters.unwrap(record, place), record.id, place, record.at), sequence)) rewrapped += 1;
    }
    return rewrapped;
  }

  private async present(place: DataKeyPlace): Promise<DataKeyName> {
    const masters = this.mastersOrThrow();
    const held = this.held.get(nameOf(place));
    if (held !== undefined && held.key !== ERASED) return { dataSubject: place.dataSubject, generation: place.generation, id: held.id };
    const { key, id } = newDataKey();
    const { id: present, key: kept } = this.hold(place, (await this.store.read(place)) ?? (await this.store.create(place, masters.wrap(key, id, place, this.clock()))));
    if (kept !== ERASED) return { dataSubject: place.dataSubject, generation: place.generation, id: present };
    throw new HoldfastError({ code: 'data-key.unavailable', message: `The data keys of tenant ${place.tenant} are read from a replica that does not know yet of an order to erase.`, retryable: true, remedy: 'Try again.' });
  }

  private fetch(place: DataKeyPlace): Promise<Known> {
    const name = nameOf(place);
    const already = this.fetching.get(name);
    if (already !== undefined) return already;
    const fetching = this.untilThere(place).then((stored) => this.hold(place, stored)).finally(() => this.fetching.delete(name));
    this.fetching.set(name, fetching);
    return fetching;
  }

  private async untilThere(place: DataKeyPlace): Promise<StoredKey> {
    // Whoever cannot open the key need not ask for it, and must not learn less than that.
    this.mastersOrThrow();
    for (let attempt = 1; attempt <= BEHIND_TRIES; attempt += 1) {
      const stored = await this.store.read(place);
      if (stored !== undefined) return stored;
      await sleep(this.behindMs);
    }
    throw new HoldfastError({ code: 'data-key.missing', message: `The data key of tenant ${place.tenant} for ${place.dataSubject} (generation ${place.generation}) is not there, and nobody erased it.`, retryable: false, remedy: 'Restore the stream DATA_KEYS from a backup; or order the subject to be erased, which says for ever that it is gone.' });
  }

  private hold(place: DataKeyPlace, { record }: StoredKey): Known {
    const known: Known = 'erasedAt' in record ? { id: '', key: ERASED } : { id: record.id, key: this.mastersOrThrow().unwrap(record, place) };
    this.held.set(nameOf(place), known);
    return known;
  }

  private forget(place: DataKeyPlace | undefined): void {
    if (place === undefined) this.held.clear();
    else this.held.delete(nameOf(place));
    for (const listener of this.listeners) listener(place);
  }

  private mastersOrThrow(): MasterKeys {
    if (this.masters !== undefined) return this.masters;
    throw new HoldfastError({ code: 'data-key.master-missing', message: 'Runs about data subjects are encrypted, and this service has no master key.', retryable: true, remedy: 'Set HOLDFAST_MASTER_KEY_FILE to the file that all services share, and start the service again.' });
  }
}

/** A key by another name was put where this one is gone: it was lost, and what it encrypted with it. */
function keyIn(known: Known, name: DataKeyName): HeldKey {
  return known.id === name.id ? known.key : ERASED;
}

function nameOf({ tenant, dataSubject, generation }: DataKeyPlace): string {
  return `${tenant}/${dataSubject}/${generation}`;
}
