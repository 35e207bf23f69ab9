import { ERASED, decrypt, encrypt, type HeldKey, type KeyReader } from '@holdfast/data-keys';
import { HoldfastError, effectClaim, toolOutcome, withoutSaying, type DataKeyName, type EffectRecord } from '@holdfast/contracts';

/**
 * The record as the ledger stores it: of a run about a data subject, what it says is encrypted by their key. Where that is erased by now, nothing but
 * what happened is stored.
 */
export async function encrypted(keys: Pick<KeyReader, 'find'> | undefined, record: EffectRecord, subject: string): Promise<EffectRecord> {
  if (record.dataKey === undefined) return record;
  const key = await keyOf(keys, subject, record.dataKey);
  const said = record.kind === 'claim' ? record.identity : record.outcome;
  const outline: EffectRecord = record.kind === 'claim' ? { ...record, identity: {} } : { ...record, outcome: withoutSaying(record.outcome) };
  return key === ERASED ? outline : { ...outline, encrypted: encrypt(key, Buffer.from(JSON.stringify(said)), placeOf(subject, record)).toString('base64') };
}

/** The record as it was written, as far as it can still be read. Throws `effect.corrupt` where the ciphertext does not belong to it. */
export async function decrypted(keys: Pick<KeyReader, 'find'> | undefined, stored: EffectRecord, subject: string): Promise<EffectRecord> {
  const { encrypted: ciphertext, ...record } = stored;
  if (ciphertext === undefined || record.dataKey === undefined) return record;
  const key = await keyOf(keys, subject, record.dataKey);
  if (key === ERASED) return record;
  const text = decrypt(key, Buffer.from(ciphertext, 'base64'), placeOf(subject, record));
  if (text === undefined) throw new HoldfastError({ code: 'effect.corrupt', message: `What the ledger's record on "${subject}" says was not encrypted for it.`, retryable: false, remedy: 'Find out who wrote to the ledger, and restore it from a backup.' });
  const said: unknown = JSON.parse(text.toString('utf8'));
  return record.kind === 'claim' ? { ...record, identity: effectClaim.shape.identity.parse(said) } : { ...record, outcome: toolOutcome.parse(said) };
}

function placeOf(subject: string, { kind, epoch }: EffectRecord): string {
  return `${subject}/${kind}/${epoch}`;
}

async function keyOf(keys: Pick<KeyReader, 'find'> | undefined, subject: string, name: DataKeyName): Promise<HeldKey> {
  if (keys !== undefined) return keys.find(subject.split('.')[1] ?? '', name);
  throw new HoldfastError({ code: 'data-key.master-missing', message: 'The ledger is asked for a run about a data subject, and this worker has no keys.', retryable: true, remedy: 'Set HOLDFAST_MASTER_KEY_FILE to the file that all services share, and start the worker again.' });
}
