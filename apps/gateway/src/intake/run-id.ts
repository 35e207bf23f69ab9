import { createHash } from 'node:crypto';
import { canonicalJson, type RunId, type TaskEvent } from '@holdfast/contracts';

/**
 * The run of a task event: `r` and the first 26 hexadecimal characters (104 bits) of the SHA-256 over the canonical JSON
 * of tenant, source and id. CloudEvents makes source and id together unique for an event, so the same event is the same
 * run, whoever delivers it and however often.
 */
export function runIdOf(tenant: string, source: string, id: string): RunId {
  return `r${createHash('sha256').update(canonicalJson([tenant, source, id])).digest('hex').slice(0, 26)}`;
}

/**
 * The id of the fact that begins a run. It holds a digest of the content, so that another event under the same source and
 * id is another fact, which is refused and kept, and not the same one again, which is silently done already.
 */
export function taskFactId(run: RunId, event: TaskEvent): string {
  return `task:${run}:${createHash('sha256').update(canonicalJson([event.type, event.data, ...(event.scope === undefined ? [] : [event.scope]), ...(event.thread === undefined ? [] : [{ thread: event.thread }]), ...(event.datasubject === undefined ? [] : [{ datasubject: event.datasubject }])])).digest('hex').slice(0, 16)}`;
}
