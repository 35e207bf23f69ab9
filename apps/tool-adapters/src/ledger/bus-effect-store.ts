import type { Bus } from '@holdfast/bus';
import { EFFECTS_STREAM, HoldfastError, effectRecord, type EffectRecord } from '@holdfast/contracts';
import type { KeyReader } from '@holdfast/data-keys';
import type { AppendAnswer, EffectStore, StoredEffect } from '@holdfast/tool-sdk';
import { decrypted, encrypted } from './encrypted-effects.js';

/**
 * The ledger's records on the stream EFFECTS: one subject an operation, fenced by that exact subject's last sequence. The
 * broker forgets an outcome that expires, after which the subject's last sequence is 0 again.
 */
export class BusEffectStore implements EffectStore {
  /** Without keys, records of runs about data subjects can neither be read nor written. */
  constructor(private readonly bus: Pick<Bus, 'publish' | 'lastBySubject'>, private readonly keys?: Pick<KeyReader, 'find'>) {}

  /** One round trip. Throws `bus.unavailable` (retryable) and `effect.corrupt` (not retryable, names the place), and what a `KeyReader` throws. */
  async last(subject: string): Promise<StoredEffect | undefined> {
    const stored = await this.bus.lastBySubject(EFFECTS_STREAM, subject);
    return stored === undefined ? undefined : { record: await decrypted(this.keys, decode(stored.data, subject, stored.sequence), subject), sequence: stored.sequence };
  }

  /** One round trip, and one flush to disk at the broker. Throws `bus.rejected` (not retryable), and what a `KeyReader` throws. */
  async append(subject: string, record: EffectRecord, expectedSequence: number): Promise<AppendAnswer> {
    const ttlMs = record.kind === 'outcome' && record.expiresAt !== undefined ? record.expiresAt - record.at : undefined;
    // No message id: within the broker's window for duplicates it would take another claim of the same operation for the earlier one.
    const answer = await this.bus.publish(subject, JSON.stringify(await encrypted(this.keys, record, subject)), { expected: { sequence: expectedSequence }, ttlMs });
    if (answer.status === 'stored') return { status: 'stored', sequence: answer.sequence };
    return answer.status === 'conflict' ? { status: 'conflict' } : answer;
  }
}

function decode(data: Uint8Array, subject: string, sequence: number): EffectRecord {
  try {
    return effectRecord.parse(JSON.parse(new TextDecoder().decode(data)));
  } catch (cause) {
    throw new HoldfastError({ code: 'effect.corrupt', message: `The ledger's record ${sequence} on "${subject}" cannot be read.`, retryable: false, remedy: 'Run the same release of all tool workers; if they do, find out who wrote to the ledger.', cause });
  }
}
