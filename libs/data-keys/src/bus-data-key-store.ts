import { z } from 'zod';
import { storedAfter, type Bus } from '@holdfast/bus';
import { DATA_KEYS_STREAM, ERASURES_STREAM, HoldfastError, dataKeyRecord, parseDataKeySubject, subjects, type DataKeyRecord, type RunId, type TenantId } from '@holdfast/contracts';
import type { DataKeyPlace, DataKeyStore, StoredKey } from './store.js';

/** The broker's code for a message that is not there. */
const NO_MESSAGE = 10037;

/** JetStream's answer to the deletion of a message; its errors have numbers for codes. */
const deleted = z.object({ success: z.boolean().optional(), error: z.object({ err_code: z.number(), description: z.string() }).optional() });

/** The store on the stream DATA_KEYS. */
export class BusDataKeyStore implements DataKeyStore {
  constructor(private readonly bus: Pick<Bus, 'publish' | 'request' | 'lastBySubject' | 'getBatch' | 'listen' | 'onReconnect'>) {}

  async generationOf(tenant: TenantId, dataSubject: string): Promise<number> {
    return (await this.bus.lastBySubject(ERASURES_STREAM, subjects.erasure(tenant, dataSubject)))?.sequence ?? 0;
  }

  async read(place: DataKeyPlace): Promise<StoredKey | undefined> {
    const stored = await this.bus.lastBySubject(DATA_KEYS_STREAM, subjectOf(place));
    return stored === undefined ? undefined : { record: decode(stored.data, place), sequence: stored.sequence };
  }

  async create(place: DataKeyPlace, record: DataKeyRecord): Promise<StoredKey> {
    const answer = await this.bus.publish(subjectOf(place), JSON.stringify(record), { expected: { sequence: 0 } });
    if (answer.status === 'stored') return { record, sequence: answer.sequence };
    // Refused or unanswered: what is there now counts, which may be this very record.
    const there = await this.read(place);
    if (there !== undefined) return there;
    throw unavailable(place, 'it is not certain whether a key is stored');
  }

  async replace(place: DataKeyPlace, record: DataKeyRecord, sequence: number): Promise<boolean> {
    const answer = await this.bus.publish(subjectOf(place), JSON.stringify(record), { expected: { sequence } });
    if (answer.status === 'conflict') return false;
    if (answer.status === 'unknown') throw unavailable(place, answer.reason);
    await this.deleteBefore(place, answer.sequence);
    return true;
  }

  async erase(place: DataKeyPlace, at: number): Promise<void> {
    let last = await this.read(place);
    for (let tries = 1; last === undefined || !('erasedAt' in last.record); tries += 1) {
      const answer = await this.bus.publish(subjectOf(place), JSON.stringify({ erasedAt: at } satisfies DataKeyRecord), { expected: { sequence: last?.sequence ?? 0 } });
      last = answer.status === 'stored' ? { record: { erasedAt: at }, sequence: answer.sequence } : await this.read(place);
      if (tries >= 8) throw unavailable(place, 'the word that it is erased could not be stored');
    }
    await this.deleteBefore(place, last.sequence);
  }

  async generations(tenant: TenantId, dataSubject: string): Promise<readonly number[]> {
    const found = new Set<number>();
    for await (const { subject } of storedAfter(this.bus, DATA_KEYS_STREAM, 0, `datakey.${tenant}.${dataSubject}.>`)) found.add(parseDataKeySubject(subject)?.generation ?? 0);
    return [...found].sort((one, other) => one - other);
  }

  async *places(): AsyncIterable<DataKeyPlace> {
    for await (const { subject } of storedAfter(this.bus, DATA_KEYS_STREAM, 0, subjects.allDataKeys())) {
      const place = parseDataKeySubject(subject);
      if (place !== undefined) yield place;
    }
  }

  async noteRun({ tenant, dataSubject, generation }: DataKeyPlace, runId: RunId): Promise<void> {
    const answer = await this.bus.publish(subjects.dataKeyRun(tenant, dataSubject, generation, runId), '', { expected: { sequence: 0 } });
    // A conflict that names a last sequence says that the note is there.
    if (answer.status === 'stored' || (answer.status === 'conflict' && answer.lastSequence !== undefined)) return;
    throw unavailable({ tenant, dataSubject, generation }, `it could not be noted that it encrypts the run ${runId}`);
  }

  async runs(tenant: TenantId, dataSubject: string): Promise<readonly { readonly generation: number; readonly runId: RunId }[]> {
    const found: { generation: number; runId: RunId }[] = [];
    for await (const { subject } of storedAfter(this.bus, DATA_KEYS_STREAM, 0, subjects.dataKeyRuns(tenant, dataSubject))) {
      const place = parseDataKeySubject(subject);
      if (place?.runId !== undefined) found.push({ generation: place.generation, runId: place.runId });
    }
    return found;
  }

  onChange(listener: (place?: DataKeyPlace) => void): () => void {
    const stopListening = this.bus.listen(subjects.dataKeysHeard(), ({ subject, data }) => {
      const place = parseDataKeySubject(subject);
      // A key that is made or wrapped anew changes nothing for whoever has it.
      if (place !== undefined && new TextDecoder().decode(data).includes('"erasedAt"')) listener(place);
    });
    const stopReconnect = this.bus.onReconnect(() => listener());
    return () => {
      stopListening();
      stopReconnect();
    };
  }

  /** Deletes what stands at a place before this sequence. The broker overwrites the bytes of a message that is deleted so. */
  private async deleteBefore(place: DataKeyPlace, sequence: number): Promise<void> {
    for await (const older of storedAfter(this.bus, DATA_KEYS_STREAM, 0, subjectOf(place))) {
      if (older.sequence >= sequence) continue;
      const answer = await this.bus.request(subjects.deleteDataKey(), { seq: older.sequence }, deleted);
      if (answer.success !== true && answer.error?.err_code !== NO_MESSAGE) throw unavailable(place, answer.error?.description ?? 'the broker did not delete it');
    }
  }
}

function subjectOf({ tenant, dataSubject, generation }: DataKeyPlace): string {
  return subjects.dataKey(tenant, dataSubject, generation);
}

function decode(data: Uint8Array, place: DataKeyPlace): DataKeyRecord {
  try {
    return dataKeyRecord.parse(JSON.parse(new TextDecoder().decode(data)));
  } catch (cause) {
    throw new HoldfastError({ code: 'data-key.corrupt', message: `The record of the data key on "${subjectOf(place)}" cannot be read.`, retryable: false, remedy: 'Restore the stream DATA_KEYS from a backup, and find out who wrote to it.', cause });
  }
}

function unavailable(place: DataKeyPlace, why: string): HoldfastError {
  return new HoldfastError({ code: 'data-key.unavailable', message: `The data key on "${subjectOf(place)}": ${why}.`, retryable: true, remedy: 'Try again; if it lasts, check the broker and the stream DATA_KEYS, which the installer makes.' });
}
