import type { DataKeyRecord, RunId, TenantId } from '@holdfast/contracts';

/** Where a data key is: at most one ever stands there, and once it is erased none. */
export interface DataKeyPlace {
  readonly tenant: TenantId;
  readonly dataSubject: string;
  readonly generation: number;
}

/** A record, with what is needed to replace it. */
export interface StoredKey {
  readonly record: DataKeyRecord;
  readonly sequence: number;
}

/** Keeps data keys and which runs they encrypt. Every method may throw `data-key.unavailable` or `bus.unavailable` (retryable). */
export interface DataKeyStore {
  /** The generation of a data subject's next key: the sequence of the last order to erase them, and 0 without one. */
  generationOf(tenant: TenantId, dataSubject: string): Promise<number>;
  read(place: DataKeyPlace): Promise<StoredKey | undefined>;
  /** Puts a record where there is none. Whoever comes second is given the first one's. */
  create(place: DataKeyPlace, record: DataKeyRecord): Promise<StoredKey>;
  /** Puts a record in the place of the one with this sequence, whose bytes are overwritten; false where another is there by now. */
  replace(place: DataKeyPlace, record: DataKeyRecord, sequence: number): Promise<boolean>;
  /** Leaves nothing but the word that the key is erased, and overwrites its bytes. Doing it twice is once, and going on with what a crash left. */
  erase(place: DataKeyPlace, at: number): Promise<void>;
  /** The generations of a data subject that have a key, or had one, or a run. */
  generations(tenant: TenantId, dataSubject: string): Promise<readonly number[]>;
  /** Every place that there is. */
  places(): AsyncIterable<DataKeyPlace>;
  /** Notes that a run is encrypted by a key, before its first commit. Noting it twice is once. */
  noteRun(place: DataKeyPlace, runId: RunId): Promise<void>;
  runs(tenant: TenantId, dataSubject: string): Promise<readonly { readonly generation: number; readonly runId: RunId }[]>;
  /** Calls back when something happens to a key, and without a place when something may have happened to any. */
  onChange(listener: (place?: DataKeyPlace) => void): () => void;
}
