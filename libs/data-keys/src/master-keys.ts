import { createHash, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { HoldfastError, type DataKeyRecord } from '@holdfast/contracts';
import { decrypt, encrypt } from './cipher.js';
import type { DataKeyPlace } from './store.js';

/** A data key as it is stored. */
export type WrappedKey = Extract<DataKeyRecord, { readonly id: string }>;

interface MasterKey {
  readonly fingerprint: string;
  readonly key: KeyObject;
}

const KEY_BYTES = 32;

/** A new master key for a file: 32 random bytes in base64, as `openssl rand -base64 32` prints them. */
export function newMasterKey(): string {
  return randomBytes(KEY_BYTES).toString('base64');
}

/**
 * The keys that data keys are stored under. The first one wraps new data keys; the others, which it has replaced, only open what they
 * wrapped, until {@link DataKeys.rewrap} has brought everything under the first.
 */
export class MasterKeys {
  private constructor(private readonly keys: readonly [MasterKey, ...MasterKey[]]) {}

  /** A file of one key a line, the present one first. Throws `settings.unreadable` or `settings.master-key-invalid`. */
  static fromFile(file: string): MasterKeys {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (cause) {
      throw new HoldfastError({ code: 'settings.unreadable', message: `HOLDFAST_MASTER_KEY_FILE names "${file}", which cannot be read.`, retryable: false, remedy: 'Mount the file or correct the path.', cause });
    }
    return MasterKeys.parse(text);
  }

  /** The text of such a file. Throws `settings.master-key-invalid`, and says nothing of what stands there. */
  static parse(text: string): MasterKeys {
    const [first, ...others] = text.split('\n').map((line) => line.trim()).filter((line) => line !== '').map(masterKey);
    if (first === undefined) throw invalid('it is empty');
    return new MasterKeys([first, ...others]);
  }

  /** The fingerprint of the key that wraps. */
  get present(): string {
    return this.keys[0].fingerprint;
  }

  wrap(key: KeyObject, id: string, place: DataKeyPlace, at: number): WrappedKey {
    const [{ key: master, fingerprint }] = this.keys;
    return { id, wrapped: encrypt(master, key.export(), placeOf(place, id)).toString('base64'), master: fingerprint, at };
  }

  /** Throws `data-key.master-unknown` (retryable: another file may be mounted) or `data-key.corrupt`. */
  unwrap({ id, wrapped, master }: WrappedKey, place: DataKeyPlace): KeyObject {
    const known = this.keys.find(({ fingerprint }) => fingerprint === master);
    if (known === undefined) throw new HoldfastError({ code: 'data-key.master-unknown', message: `A data key of tenant ${place.tenant} is wrapped by the master key ${master}, which is not in HOLDFAST_MASTER_KEY_FILE.`, retryable: true, remedy: 'Mount the master key file that the other services have; after a rotation it holds the old key as well, until all data keys are wrapped anew.' });
    const bytes = decrypt(known.key, Buffer.from(wrapped, 'base64'), placeOf(place, id));
    if (bytes?.byteLength !== KEY_BYTES) throw new HoldfastError({ code: 'data-key.corrupt', message: `The data key ${id} of tenant ${place.tenant} was altered where it is stored.`, retryable: false, remedy: 'Restore the stream DATA_KEYS from a backup, and find out who wrote to it.' });
    return createSecretKey(bytes);
  }
}

/** A fresh data key with a name of its own. */
export function newDataKey(): { readonly key: KeyObject; readonly id: string } {
  return { key: createSecretKey(randomBytes(KEY_BYTES)), id: randomBytes(8).toString('hex') };
}

function placeOf({ tenant, dataSubject, generation }: DataKeyPlace, id: string): string {
  return `${tenant}/${dataSubject}/${generation}/${id}`;
}

function masterKey(line: string): MasterKey {
  const bytes = Buffer.from(line, 'base64');
  if (bytes.byteLength !== KEY_BYTES || bytes.toString('base64') !== line) throw invalid('a line of it is no key');
  return { key: createSecretKey(bytes), fingerprint: createHash('sha256').update('holdfast master key').update(bytes).digest('hex').slice(0, 16) };
}

function invalid(why: string): HoldfastError {
  return new HoldfastError({ code: 'settings.master-key-invalid', message: `The master key file cannot be used: ${why}.`, retryable: false, remedy: 'Write one key a line, 32 random bytes in base64, the present one first: openssl rand -base64 32' });
}
