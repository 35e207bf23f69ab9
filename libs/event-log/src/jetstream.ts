import type { Bus } from '@holdfast/bus';
import type { DataKeyPlace, KeyReader } from '@holdfast/data-keys';
import { HoldfastError, PAYLOADS_STREAM, logStream, partitionOf, subjects, type Digest, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { appendSealed, unavailable, type AppendMeans } from './appending/append.js';
import { DEFAULT_PAYLOAD_LIMIT } from './claims/claim-check.js';
import { storePayload } from './claims/store-payload.js';
import { decodeMessage } from './decoding/decode.js';
import { sealDraft } from './encryption/seal-draft.js';
import { followLog } from './follow.js';
import { Gate } from './gate.js';
import type { AppendResult, AppendableDraft, CommitMessage, EventLog, LogSubscription, RunTail, StoredLog } from './port.js';
import { readAfterByPointers, readByPointers, readTailByPointers } from './read-run.js';

/** What the log needs of a connection. */
export type LogBus = Pick<Bus, 'publish' | 'lastBySubject' | 'getBySequence' | 'getBatch' | 'listen' | 'onReconnect'> & {
  /** The largest message that the broker takes, in bytes; a connection knows it. */
  readonly maximumPayload?: number;
};

/** Bounds of one process's use of the log. */
export interface LogLimits {
  /** Appends in hand at once; later ones wait in order. */
  readonly appendsInFlight: number;
  /** Appends that may wait; beyond, the answer is `unavailable` with code `log.busy`. */
  readonly appendsWaiting: number;
  /** How long one append is tried, waiting included, in milliseconds: longer than the election of a new leader. */
  readonly appendDeadlineMs: number;
  /** The longest first pause between two tries, in milliseconds; it doubles, and chance shortens it for appends. */
  readonly retryDelayMs: number;
  /** Gets in flight for all runs together; one run never has more than a commit's pointers, 32. */
  readonly readsInFlight: number;
  readonly readsWaiting: number;
  /** Commits of more bytes of JSON are claim-checked. */
  readonly payloadBytes: number;
}

/** Over about two and a half seconds. */
const BEHIND_TRIES = 10;
const LONGEST_BEHIND_PAUSE_MS = 500;

const LIMITS: LogLimits = { appendsInFlight: 512, appendsWaiting: 4_096, appendDeadlineMs: 8_000, retryDelayMs: 25, readsInFlight: 256, readsWaiting: 65_536, payloadBytes: DEFAULT_PAYLOAD_LIMIT };

/** The log on JetStream: one stream a partition, one message a commit. */
export class JetStreamEventLog implements EventLog, StoredLog {
  private readonly limits: LogLimits;
  private readonly appends: Gate;
  private readonly reads: Gate;

  /**
   * `onUnreadable` is told of each commit that a scan leaves out, with its place; the runs of all others go on. Without keys, runs about data
   * subjects can be checked, and neither read nor written.
   */
  constructor(private readonly bus: LogBus, readonly partitions: number, private readonly onUnreadable: (error: unknown) => void = () => undefined, limits: Partial<LogLimits> = {}, private readonly keys?: KeyReader) {
    this.limits = { ...LIMITS, ...limits };
    this.appends = new Gate('appends', this.limits.appendsInFlight, this.limits.appendsWaiting);
    this.reads = new Gate('reads', this.limits.readsInFlight, this.limits.readsWaiting);
  }

  async append(key: RunKey, draft: AppendableDraft, previous: RecordedCommit | undefined): Promise<AppendResult> {
    const deadline = Date.now() + this.limits.appendDeadlineMs;
    const partition = partitionOf(key, this.partitions);
    const { retryDelayMs, payloadBytes, appendDeadlineMs } = this.limits;
    const publish: LogBus['publish'] = (...message) => this.bus.publish(...message);
    const means: AppendMeans = { publish, head: (run) => this.head(run), readAt: (sequence) => this.pointedAt(partition, sequence), deadline, retryDelayMs };
    try {
      return await this.appends.pass(async () => {
        const { commit, form: { message, payloads } } = await sealDraft(this.keys, key, draft, previous, { payloadBytes, maximumPayload: this.bus.maximumPayload ?? Infinity });
        await Promise.all(payloads.map((payload) => storePayload(publish, key, payload, deadline, retryDelayMs)));
        return appendSealed(means, key, commit, message, previous?.sequence ?? 0, this.partitions);
      }, appendDeadlineMs);
    } catch (error) {
      if (error instanceof HoldfastError && error.retryable) return unavailable(error);
      throw error;
    }
  }

  async head(key: RunKey): Promise<RecordedCommit | undefined> {
    const partition = partitionOf(key, this.partitions);
    const stored = await this.read(() => this.bus.lastBySubject(logStream(partition), subjects.run(partition, key)));
    return stored === undefined ? undefined : this.decode(stored);
  }

  async readRun(key: RunKey, known: readonly RecordedCommit[] = []): Promise<readonly RecordedCommit[]> {
    const head = await this.head(key);
    if (head === undefined) return [];
    const partition = partitionOf(key, this.partitions);
    return readByPointers(key, head, known, (sequence) => this.pointedAt(partition, sequence));
  }

  /**
   * Asks the fence itself, with a message that it can never let through: the refusal (10071) names the last sequence. A
   * read would be answered by any replica, and one that is behind would make a writer deny what the log holds.
   */
  async lastSequence(key: RunKey): Promise<number> {
    const partition = partitionOf(key, this.partitions);
    const answer = await this.read(() => this.bus.publish(subjects.commit(partition, key, 'wait'), '', { expected: { sequence: Number.MAX_SAFE_INTEGER, filter: subjects.run(partition, key) } }));
    if (answer.status === 'conflict' && answer.lastSequence !== undefined) return answer.lastSequence;
    throw new HoldfastError({ code: 'log.unavailable', message: `The fence of run ${key.tenant}/${key.runId} did not say where it stands.`, retryable: true, remedy: 'Try again; if it lasts, check the broker.' });
  }

  async readAfter(key: RunKey, after: number, head?: RecordedCommit): Promise<readonly RecordedCommit[]> {
    const partition = partitionOf(key, this.partitions);
    return readAfterByPointers(key, head ?? await this.head(key), after, (sequence) => this.pointedAt(partition, sequence));
  }

  async readTail(key: RunKey): Promise<RunTail> {
    const partition = partitionOf(key, this.partitions);
    return readTailByPointers(key, await this.head(key), (sequence) => this.pointedAt(partition, sequence));
  }

  decode(message: CommitMessage): Promise<RecordedCommit> {
    return decodeMessage(message, (tenant, digest) => this.readPayload(tenant, digest), this.keys);
  }

  async readPartition(partition: number, sequence: number, limit: number): Promise<readonly RecordedCommit[]> {
    const found: RecordedCommit[] = [];
    // A page is filled up behind commits that cannot be read, since a short page means the end.
    for (let next = Math.max(1, sequence); found.length < limit;) {
      const wanted = limit - found.length;
      const stored = await this.readStored(partition, next, wanted);
      for (const result of await Promise.allSettled(stored.map((message) => this.decode(message)))) {
        if (result.status === 'fulfilled') found.push(result.value);
        else if (isRetryable(result.reason)) throw result.reason;
        else this.onUnreadable(result.reason);
      }
      const last = stored.at(-1);
      if (last === undefined || stored.length < wanted) break;
      next = last.sequence + 1;
    }
    return found;
  }

  follow(from: readonly number[], handler: (recorded: RecordedCommit, partition: number) => void): LogSubscription {
    return followLog(this.bus, this, from, handler, this.keys);
  }

  onErased(listener: (place?: DataKeyPlace) => void): () => void {
    return this.keys?.onErased(listener) ?? (() => undefined);
  }

  readStored(partition: number, sequence: number, limit: number, key?: RunKey): Promise<readonly CommitMessage[]> {
    return this.read(() => this.bus.getBatch(logStream(partition), sequence, limit, key === undefined ? undefined : subjects.run(partition, key)));
  }

  async lastStored(partition: number): Promise<number> {
    const last = await this.read(() => this.bus.lastBySubject(logStream(partition), `log.${partition}.>`));
    return last?.sequence ?? 0;
  }

  async readPayload(tenant: string, digest: Digest): Promise<Uint8Array | undefined> {
    const stored = await this.untilThere(() => this.read(() => this.bus.lastBySubject(PAYLOADS_STREAM, subjects.payload(tenant, digest))));
    return stored?.data;
  }

  private pointedAt(partition: number, sequence: number): Promise<RecordedCommit | undefined> {
    return this.untilThere(() => this.at(partition, sequence));
  }

  /**
   * Gets what a commit refers to, so that it exists. A replica that is behind may answer that it does not (measured with
   * three replicas while leaders were killed); each new try may be answered by another.
   */
  private async untilThere<T>(get: () => Promise<T | undefined>): Promise<T | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const found = await get();
      if (found !== undefined || attempt >= BEHIND_TRIES) return found;
      await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_BEHIND_PAUSE_MS, (this.limits.retryDelayMs / 4) * 2 ** attempt)));
    }
  }

  private async at(partition: number, sequence: number): Promise<RecordedCommit | undefined> {
    const stored = await this.read(() => this.bus.getBySequence(logStream(partition), sequence));
    return stored === undefined ? undefined : this.decode(stored);
  }

  private async read<T>(get: () => Promise<T>): Promise<T> {
    try {
      return await this.reads.pass(get);
    } catch (cause) {
      if (cause instanceof HoldfastError && cause.code === 'log.busy') throw cause;
      throw new HoldfastError({ code: 'log.unavailable', message: 'The log could not be read.', retryable: true, remedy: 'Try again; if it lasts, check the broker.', cause });
    }
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof HoldfastError && error.retryable;
}
