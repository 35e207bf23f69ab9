import type { Bus } from '@holdfast/bus';
import type { KeyReader } from '@holdfast/data-keys';
import { subjects, parseCommitSubject, type RecordedCommit } from '@holdfast/contracts';
import { decodeAtOnce } from './decoding/decode.js';
import type { CommitMessage, EventLog, LogSubscription } from './port.js';

/** All partitions are read at once over one connection, so whoever asks for one run meanwhile waits behind a page of each. */
const BATCH = 100;
/** A hint can be lost without a reconnect (a slow consumer), so the end of the log is looked for now and then. */
const SWEEP_MS = 2_000;
/** Between two tries while the broker does not answer: nobody may think that the end was reached. */
const RETRY_MS = 250;

/**
 * Follows all partitions. The broker's republished commits are hints: when the next sequence arrives it is delivered at
 * once, and any gap is read from the log first. Partitions' sequences have no holes, since the log refuses deletes.
 */
export function followLog(bus: Pick<Bus, 'listen' | 'onReconnect'>, log: EventLog, from: readonly number[], handler: (recorded: RecordedCommit, partition: number) => void, keys?: Pick<KeyReader, 'atHand'>): LogSubscription {
  const partitions = Array.from({ length: log.partitions }, (_, partition) => new FollowedPartition(log, partition, Math.max(1, from[partition] ?? 1), handler, keys));
  const stopListening = bus.listen(subjects.committedAll(), (message) => {
    const partition = parseCommitSubject(message.subject)?.partition;
    const sequence = Number(message.header('Nats-Sequence'));
    if (partition !== undefined) partitions[partition]?.hear({ sequence, subject: message.subject, data: message.data });
  });
  const catchUpAll = (): void => partitions.forEach((partition) => void partition.catchUp());
  const stopReconnect = bus.onReconnect(catchUpAll);
  const sweep = setInterval(catchUpAll, SWEEP_MS);
  catchUpAll();
  return {
    caughtUp: async () => void (await Promise.all(partitions.map((partition) => partition.catchUp()))),
    stop: () => {
      clearInterval(sweep);
      stopListening();
      stopReconnect();
      partitions.forEach((partition) => partition.stop());
    },
  };
}

class FollowedPartition {
  private reading: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly log: EventLog, private readonly partition: number, private next: number, private readonly handler: (recorded: RecordedCommit, partition: number) => void, private readonly keys: Pick<KeyReader, 'atHand'> | undefined) {}

  stop(): void {
    this.stopped = true;
  }

  hear(message: CommitMessage): void {
    if (message.sequence < this.next) return;
    const heard = this.reading === undefined && message.sequence === this.next ? this.decode(message) : undefined;
    if (heard !== undefined) this.deliver(heard);
    else void this.catchUp(message.sequence);
  }

  /** Undefined when the commit cannot be read, which the log tells, or when its content or its key has to be fetched first. */
  private decode(message: CommitMessage): RecordedCommit | undefined {
    try {
      return decodeAtOnce(message, this.keys);
    } catch {
      return undefined;
    }
  }

  /** Reads to the end of the partition. A hint above what a running read has seen makes it look once more. */
  catchUp(atLeast = 0): Promise<void> {
    this.reading = (this.reading ?? Promise.resolve()).then(async () => {
      if (atLeast !== 0 && atLeast < this.next) return;
      while (!this.stopped) {
        const batch = await this.log.readPartition(this.partition, this.next, BATCH).catch(() => undefined);
        if (batch === undefined) {
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
          continue;
        }
        for (const recorded of batch) this.deliver(recorded);
        if (batch.length < BATCH) return;
      }
    });
    const current = this.reading;
    void current.then(() => {
      if (this.reading === current) this.reading = undefined;
    });
    return current;
  }

  private deliver(recorded: RecordedCommit): void {
    if (this.stopped || recorded.sequence < this.next) return;
    this.next = recorded.sequence + 1;
    this.handler(recorded, this.partition);
  }
}
