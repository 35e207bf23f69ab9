import type { Bus } from '@holdfast/bus';
import { HoldfastError, logStream, parseCommitSubject, partitionOf, subjects, type Commit, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { decodeCommit, seal } from './chain.js';
import { followLog } from './follow.js';
import type { AppendResult, AppendableDraft, CommitMessage, EventLog, LogSubscription, RunTail } from './port.js';
import { readByPointers, readTailByPointers } from './read-run.js';

/** How long one append is tried before it is called unavailable, in milliseconds. */
const APPEND_DEADLINE_MS = 8_000;
const RETRY_DELAY_MS = 25;

/** The log on JetStream: one stream a partition, one message a commit. */
export class JetStreamEventLog implements EventLog {
  /** `onUnreadable` is told of each commit that a scan leaves out, with its place; the runs of all others go on. */
  constructor(private readonly bus: Bus, readonly partitions: number, private readonly onUnreadable: (error: unknown) => void = () => undefined) {}

  /**
   * One round trip when all is well. The fence is the expected last sequence over the run's whole subject space, always
   * with the identical filter. When the answer is a refusal or none at all, the run is read back and hashes are
   * compared, so the caller never hears "perhaps".
   */
  async append(key: RunKey, draft: AppendableDraft, previous: RecordedCommit | undefined): Promise<AppendResult> {
    const partition = partitionOf(key, this.partitions);
    const commit = seal(key, draft, previous);
    const payload = JSON.stringify(commit);
    const expected = { sequence: previous?.sequence ?? 0, filter: subjects.run(partition, key) };
    const deadline = Date.now() + APPEND_DEADLINE_MS;
    let reason = 'the broker did not answer';
    while (Date.now() < deadline) {
      const answer = await this.bus.publish(subjects.commit(partition, key, commit.route), payload, { expected });
      if (answer.status === 'stored') return { status: 'appended', recorded: { commit, sequence: answer.sequence } };
      if (answer.status === 'unknown') reason = answer.reason;
      const settled = await this.settle(key, commit, expected.sequence).catch((error: unknown) => {
        reason = String(error);
        return undefined;
      });
      if (settled !== undefined) return settled;
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
    }
    return { status: 'unavailable', reason };
  }

  /** What became of a commit whose publish was refused or unanswered; undefined while its place is still free. */
  private async settle(key: RunKey, commit: Commit, expected: number): Promise<AppendResult | undefined> {
    const head = await this.head(key);
    if (head === undefined || head.sequence === expected) return undefined;
    if (head.commit.hash === commit.hash) return { status: 'appended', recorded: head };
    const behind = head.commit.number - commit.number;
    const sequence = behind > 0 ? head.commit.pointers[behind - 1] : undefined;
    const rival = sequence === undefined ? undefined : await this.at(partitionOf(key, this.partitions), sequence);
    return rival?.commit.hash === commit.hash ? { status: 'appended', recorded: rival } : { status: 'lost', head };
  }

  async head(key: RunKey): Promise<RecordedCommit | undefined> {
    const partition = partitionOf(key, this.partitions);
    const stored = await guarded(() => this.bus.lastBySubject(logStream(partition), subjects.run(partition, key)));
    return stored === undefined ? undefined : decode(stored);
  }

  async readRun(key: RunKey, known: readonly RecordedCommit[] = []): Promise<readonly RecordedCommit[]> {
    const head = await this.head(key);
    if (head === undefined) return [];
    const partition = partitionOf(key, this.partitions);
    return readByPointers(key, head, known, (sequence) => this.at(partition, sequence));
  }

  async readTail(key: RunKey): Promise<RunTail> {
    const partition = partitionOf(key, this.partitions);
    return readTailByPointers(key, await this.head(key), (sequence) => this.at(partition, sequence));
  }

  async decode(message: CommitMessage): Promise<RecordedCommit> {
    return decode(message);
  }

  async readPartition(partition: number, sequence: number, limit: number): Promise<readonly RecordedCommit[]> {
    const found: RecordedCommit[] = [];
    // A page is filled up behind commits that cannot be read, since a short page means the end.
    for (let next = Math.max(1, sequence); found.length < limit;) {
      const wanted = limit - found.length;
      const stored = await guarded(() => this.bus.getBatch(logStream(partition), next, wanted));
      for (const message of stored) {
        try {
          found.push(decode(message));
        } catch (error) {
          this.onUnreadable(error);
        }
      }
      const last = stored.at(-1);
      if (last === undefined || stored.length < wanted) break;
      next = last.sequence + 1;
    }
    return found;
  }

  follow(from: readonly number[], handler: (recorded: RecordedCommit, partition: number) => void): LogSubscription {
    return followLog(this.bus, this, from, handler);
  }

  private async at(partition: number, sequence: number): Promise<RecordedCommit | undefined> {
    const stored = await guarded(() => this.bus.getBySequence(logStream(partition), sequence));
    return stored === undefined ? undefined : decode(stored);
  }
}

function decode({ subject, sequence, data }: CommitMessage): RecordedCommit {
  const partition = parseCommitSubject(subject)?.partition;
  return { commit: decodeCommit(data, `${partition === undefined ? 'an unknown stream' : logStream(partition)}, sequence ${sequence} (${subject})`), sequence };
}

async function guarded<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new HoldfastError({ code: 'log.unavailable', message: 'The log could not be read.', retryable: true, remedy: 'Try again; if it lasts, check the broker.', cause });
  }
}
