import type { InMemoryEventLog } from '@holdfast/event-log';
import { partitionOf, subjects, type RunKey } from '@holdfast/contracts';

interface Stored {
  subject: string;
  data: Uint8Array;
}

export type Damage = (messages: Stored[]) => void;

/** Changes the messages of one run where they lie, as somebody could who has the broker's disk. They keep their sequences. */
export function damage(log: InMemoryEventLog, key: RunKey, change: Damage): void {
  const partition = partitionOf(key, log.partitions);
  const stream = (log as unknown as { readonly streams: Stored[][] }).streams[partition] ?? [];
  const prefix = subjects.run(partition, key).slice(0, -1);
  change(stream.filter(({ subject }) => subject.startsWith(prefix)));
}

/** Rewrites the fields of the commit with this number, and not its hash. */
export const altered = (number: number, change: (commit: Record<string, unknown>) => void): Damage => (messages) => {
  const message = at(messages, number);
  const commit = JSON.parse(new TextDecoder().decode(message.data)) as Record<string, unknown>;
  change(commit);
  message.data = new TextEncoder().encode(JSON.stringify(commit));
};

/** The commit is taken out of its run. */
export const missing = (number: number): Damage => (messages) => {
  at(messages, number).subject = 'log.0.acme.somewhere-else.wait';
};

/** Two commits change places. */
export const swapped = (one: number, other: number): Damage => (messages) => {
  const [first, second] = [at(messages, one), at(messages, other)];
  [first.subject, first.data, second.subject, second.data] = [second.subject, second.data, first.subject, first.data];
};

/** What stands there is no commit. */
export const garbled = (number: number): Damage => (messages) => {
  at(messages, number).data = new TextEncoder().encode('nonsense');
};

function at(messages: readonly Stored[], number: number): Stored {
  const message = messages[number - 1];
  if (message === undefined) throw new Error(`the run has no commit ${number}`);
  return message;
}
