import { partitionOf, subjects, type Commit, type Digest, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import type { DataKeyPlace, KeyReader } from '@holdfast/data-keys';
import { DEFAULT_PAYLOAD_LIMIT } from './claims/claim-check.js';
import { decodeAtOnce, decodeMessage } from './decoding/decode.js';
import { sealDraft } from './encryption/seal-draft.js';
import type { AppendResult, AppendableDraft, CommitMessage, EventLog, LogSubscription, RunTail, StoredLog } from './port.js';
import { readAfterByPointers, readByPointers, readTailByPointers } from './read-run.js';

/** The twin of the JetStream log for specifications and simulation: the same contract, in memory. */
export class InMemoryEventLog implements EventLog, StoredLog {
  private readonly streams: { readonly subject: string; readonly data: Uint8Array }[][];
  private readonly payloads = new Map<string, Uint8Array>();
  private readonly heads = new Map<string, number>();
  private readonly listeners = new Set<(partition: number) => void>();

  /** Commits of more than `payloadBytes` of JSON are claim-checked; no part may be larger than `maximumPayload`. */
  constructor(readonly partitions: number, readonly payloadBytes = DEFAULT_PAYLOAD_LIMIT, readonly maximumPayload = Infinity, private readonly keys?: KeyReader) {
    this.streams = Array.from({ length: partitions }, () => []);
  }

  async append(key: RunKey, draft: AppendableDraft, previous: RecordedCommit | undefined): Promise<AppendResult> {
    const { commit, form: { message, payloads } } = await sealDraft(this.keys, key, draft, previous, this);
    const partition = partitionOf(key, this.partitions);
    const last = this.heads.get(`${key.tenant}/${key.runId}`);
    for (const payload of payloads) this.payloads.set(subjects.payload(key.tenant, payload.digest), payload.data);
    // Nothing may be awaited between this comparison and the push: together they are the fence.
    if (last !== previous?.sequence) return this.settle(key, commit);
    const stream = this.stream(partition);
    // Text, not objects: what is read back must have survived the same serialisation as with the broker.
    const sequence = stream.push({ subject: subjects.commit(partition, key, commit.route), data: new TextEncoder().encode(message) });
    this.heads.set(`${key.tenant}/${key.runId}`, sequence);
    for (const listener of this.listeners) listener(partition);
    return { status: 'appended', recorded: { commit, sequence } };
  }

  private async settle(key: RunKey, commit: Commit): Promise<AppendResult> {
    const history = await this.readRun(key);
    const inPlace = history[commit.number - 1];
    const head = history.at(-1);
    if (head === undefined || inPlace === undefined) {
      return { status: 'unavailable', code: 'log.truncated', reason: `the log does not hold the commit before commit ${commit.number} of run ${key.tenant}/${key.runId}`, remedy: 'Read the run again before deciding.' };
    }
    return inPlace.commit.hash === commit.hash ? { status: 'appended', recorded: inPlace } : { status: 'lost', head, winner: inPlace.sequence };
  }

  async head(key: RunKey): Promise<RecordedCommit | undefined> {
    const sequence = this.heads.get(`${key.tenant}/${key.runId}`);
    return sequence === undefined ? undefined : this.read(partitionOf(key, this.partitions), sequence);
  }

  async lastSequence(key: RunKey): Promise<number> {
    return this.heads.get(`${key.tenant}/${key.runId}`) ?? 0;
  }

  async readRun(key: RunKey, known: readonly RecordedCommit[] = []): Promise<readonly RecordedCommit[]> {
    const head = await this.head(key);
    if (head === undefined) return [];
    return readByPointers(key, head, known, (sequence) => this.read(partitionOf(key, this.partitions), sequence));
  }

  async readAfter(key: RunKey, after: number, head?: RecordedCommit): Promise<readonly RecordedCommit[]> {
    return readAfterByPointers(key, head ?? await this.head(key), after, (sequence) => this.read(partitionOf(key, this.partitions), sequence));
  }

  async readTail(key: RunKey): Promise<RunTail> {
    return readTailByPointers(key, await this.head(key), (sequence) => this.read(partitionOf(key, this.partitions), sequence));
  }

  decode(message: CommitMessage): Promise<RecordedCommit> {
    return decodeMessage(message, (tenant, digest) => this.readPayload(tenant, digest), this.keys);
  }

  async readStored(partition: number, sequence: number, limit: number, key?: RunKey): Promise<readonly CommitMessage[]> {
    const prefix = key === undefined ? '' : subjects.run(partition, key).slice(0, -1);
    return this.stream(partition).map((stored, index) => ({ ...stored, sequence: index + 1 }))
      .filter((stored) => stored.sequence >= sequence && stored.subject.startsWith(prefix)).slice(0, limit);
  }

  async lastStored(partition: number): Promise<number> {
    return this.stream(partition).length;
  }

  async readPayload(tenant: string, digest: Digest): Promise<Uint8Array | undefined> {
    return this.payloads.get(subjects.payload(tenant, digest));
  }

  async readPartition(partition: number, sequence: number, limit: number): Promise<readonly RecordedCommit[]> {
    const first = Math.max(1, sequence);
    const size = this.stream(partition).length;
    const found: RecordedCommit[] = [];
    for (let at = first; at <= size && found.length < limit; at += 1) {
      const recorded = await this.read(partition, at);
      if (recorded !== undefined) found.push(recorded);
    }
    return found;
  }

  follow(from: readonly number[], handler: (recorded: RecordedCommit, partition: number) => void): LogSubscription {
    const next = this.streams.map((_, partition) => Math.max(1, from[partition] ?? 1));
    const reading = this.streams.map(() => Promise.resolve());
    let stopped = false;
    /** At once what can be read at once; a key that has to be fetched is waited for, and everything behind it waits too. */
    const deliver = (partition: number): boolean => {
      for (let at = next[partition] ?? 1; at <= this.stream(partition).length && !stopped; at += 1) {
        const recorded = this.atOnce(partition, at);
        if (recorded === undefined) return false;
        next[partition] = at + 1;
        handler(recorded, partition);
      }
      return true;
    };
    const catchUp = async (partition: number): Promise<void> => {
      while (!deliver(partition)) {
        const at = next[partition] ?? 1;
        const recorded = await this.read(partition, at);
        if (recorded === undefined || next[partition] !== at || stopped) continue;
        next[partition] = at + 1;
        handler(recorded, partition);
      }
    };
    const hear = (partition: number): Promise<void> => (reading[partition] = (reading[partition] ?? Promise.resolve()).catch(() => undefined).then(() => catchUp(partition)));
    const listener = (partition: number): void => {
      if (!deliver(partition)) void hear(partition).catch(() => undefined);
    };
    this.listeners.add(listener);
    this.streams.forEach((_, partition) => listener(partition));
    return {
      caughtUp: async () => void (await Promise.all(this.streams.map((_, partition) => hear(partition)))),
      stop: () => {
        stopped = true;
        this.listeners.delete(listener);
      },
    };
  }

  onErased(listener: (place?: DataKeyPlace) => void): () => void {
    return this.keys?.onErased(listener) ?? (() => undefined);
  }

  private stream(partition: number): InMemoryEventLog['streams'][number] {
    const stream = this.streams[partition];
    if (stream === undefined) throw new RangeError(`there is no partition ${partition}`);
    return stream;
  }

  private atOnce(partition: number, sequence: number): RecordedCommit | undefined {
    const stored = this.stream(partition)[sequence - 1];
    return stored === undefined ? undefined : decodeAtOnce({ ...stored, sequence }, this.keys, (tenant, digest) => this.payloads.get(subjects.payload(tenant, digest)));
  }

  private async read(partition: number, sequence: number): Promise<RecordedCommit | undefined> {
    const stored = this.stream(partition)[sequence - 1];
    return stored === undefined ? undefined : this.atOnce(partition, sequence) ?? this.decode({ ...stored, sequence });
  }
}
