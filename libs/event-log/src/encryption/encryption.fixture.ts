import { DataKeys, MasterKeys, MemoryDataKeyStore, newMasterKey } from '@holdfast/data-keys';
import type { DataKeyName, RecordedCommit, RunKey } from '@holdfast/contracts';
import type { AppendableDraft, EventLog } from '../index.js';

export const SECRET_WORDS = 'Erika Mustermann lives at 12 Heidestrasse';
export const SUBJECT = 'customer-7';

/** A store of data keys, and processes that use it. */
export function keyInstallation() {
  const store = new MemoryDataKeyStore();
  const masters = MasterKeys.parse(newMasterKey());
  return { store, open: () => new DataKeys(store, masters, () => 1, 0) };
}

/** A run about somebody: its first commit says the secret words, and so do all others. */
export function draftOf(number: number, dataKey?: DataKeyName, extra: Partial<AppendableDraft> = {}): AppendableDraft {
  const first: AppendableDraft['events'] = [{
    type: 'task-accepted', task: { source: '/s', id: '1', type: 't', goal: SECRET_WORDS, input: {}, requester: 'ada', dataSubject: SUBJECT },
    agent: { name: 'a', digest: 'd'.repeat(64) }, budgets: { maxSteps: 9, deadlineSeconds: 9, approvalSeconds: 9 }, labels: {},
  }];
  return { at: number, cause: { kind: 'test', id: `f${number}` }, route: 'wait', events: number === 1 ? first : [{ type: 'run-paused', by: 'ada', reason: `${number} ${SECRET_WORDS}` }], ...(dataKey === undefined ? {} : { dataKey }), ...extra };
}

/** Appends a run of so many commits, every third with a checkpoint. */
export async function writeRun(log: EventLog, key: RunKey, count: number, dataKey: DataKeyName): Promise<RecordedCommit[]> {
  const recorded: RecordedCommit[] = [];
  for (let number = 1; number <= count; number += 1) {
    const result = await log.append(key, draftOf(number, number === 1 ? dataKey : undefined, number % 3 === 0 ? { checkpoint: { knows: SECRET_WORDS } } : {}), recorded.at(-1));
    if (result.status !== 'appended') throw new Error(result.status);
    recorded.push(result.recorded);
  }
  return recorded;
}
