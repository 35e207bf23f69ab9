import { ERASED, type KeyReader } from '@holdfast/data-keys';
import { HoldfastError, type Commit, type DataKeyName, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { seal } from '../chain.js';
import { storedForm, type StoredForm } from '../claims/claim-check.js';
import type { AppendableDraft } from '../port.js';
import { contentErasedError, encryptContent, encryptedForm, keyRequired } from './encrypted-form.js';

/** Bounds of what one message may hold, in bytes. */
export interface FormLimits {
  readonly payloadBytes: number;
  readonly maximumPayload: number;
}

/**
 * The commit that a draft becomes, and the form in which it is stored: in clear, or encrypted as the commit before it is. Throws
 * `log.key-required`, `log.content-erased` and `log.commit-too-large` (not retryable), and what a `KeyReader` throws.
 */
export async function sealDraft(keys: KeyReader | undefined, key: RunKey, draft: AppendableDraft, previous: RecordedCommit | undefined, { payloadBytes, maximumPayload }: FormLimits): Promise<{ readonly commit: Commit; readonly form: StoredForm }> {
  const name = previous === undefined ? firstKey(key, draft) : previous.commit.encryption?.key;
  if (name === undefined) {
    const commit = seal(key, draft, previous);
    return { commit, form: storedForm(commit, payloadBytes, maximumPayload) };
  }
  if (keys === undefined) throw new HoldfastError({ code: 'data-key.master-missing', message: `The run ${key.tenant}/${key.runId} is encrypted, and this writer of the log was opened without keys.`, retryable: true, remedy: 'Set HOLDFAST_MASTER_KEY_FILE to the file that all services share, and start again.' });
  const dataKey = keys.atHand(key.tenant, name) ?? (await keys.find(key.tenant, name));
  if (dataKey === ERASED) throw contentErasedError(key);
  const content = encryptContent(name, dataKey, { ...key, number: (previous?.commit.number ?? 0) + 1 }, draft);
  const commit = seal(key, draft, previous, content.encryption);
  return { commit, form: encryptedForm(commit, content, payloadBytes, maximumPayload) };
}

/** A run that is about somebody never begins in clear, whoever forgot its key. */
function firstKey(key: RunKey, { dataKey, events }: AppendableDraft): DataKeyName | undefined {
  const isAboutSomebody = events.some((event) => (event.type === 'task-accepted' || event.type === 'run-forked') && event.task.dataSubject !== undefined);
  if (isAboutSomebody && dataKey === undefined) throw keyRequired(key);
  return dataKey;
}
