import type { Bus, PublishAnswer } from '@holdfast/bus';
import { HoldfastError, logStream, partitionOf, subjects, type Commit, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import type { AppendResult } from '../port.js';
import { readBack, type ReadAt } from '../read-run.js';

/** What one append needs: the fence, and how to find out what became of it. */
export interface AppendMeans {
  readonly publish: Bus['publish'];
  readonly head: (key: RunKey) => Promise<RecordedCommit | undefined>;
  readonly readAt: ReadAt;
  /** When it is given up, in milliseconds since the epoch. */
  readonly deadline: number;
  /** The longest first pause between two tries, in milliseconds. */
  readonly retryDelayMs: number;
}

/** How long one publish waits for its acknowledgement, in milliseconds. */
const ANSWER_MS = 2_000;
const LONGEST_PAUSE_MS = 500;
/** A deposed leader may say for a moment that the log ends before what was read; a broken log says so again and again. */
const TRUNCATION_ANSWERS = 8;

/** Something that was found out about the commit, or nothing yet: then its place may still be free. */
type Settled = AppendResult | 'truncated' | undefined;

/**
 * Publishes a sealed commit until it is certain what became of it. One round trip when all is well. The fence is the
 * expected last sequence over the run's whole subject space, always with the identical filter. When the answer is a
 * refusal (10071, 10164) or none at all, the run is read back and hashes are compared, so the caller never hears
 * "perhaps": publishing the same commit again is harmless, since at most one of them finds the expected sequence.
 */
export async function appendSealed(means: AppendMeans, key: RunKey, commit: Commit, payload: Uint8Array | string, expected: number, partitions: number): Promise<AppendResult> {
  const partition = partitionOf(key, partitions);
  const subject = subjects.commit(partition, key, commit.route);
  const fence = { sequence: expected, filter: subjects.run(partition, key) };
  let truncations = 0;
  for (let attempt = 0, reason = ''; ; attempt += 1) {
    const timeoutMs = Math.max(1, Math.min(ANSWER_MS, means.deadline - Date.now()));
    let settled: Settled;
    try {
      const answer = await means.publish(subject, payload, { expected: fence, timeoutMs });
      if (answer.status === 'stored') return { status: 'appended', recorded: { commit, sequence: answer.sequence } };
      reason = answer.status === 'unknown' ? answer.reason : 'another append to the run is in flight';
      settled = await settle(means, key, commit, expected, answer);
    } catch (error) {
      if (error instanceof HoldfastError && !error.retryable && error.code.startsWith('bus.')) return unavailable({ code: 'log.refused', message: `The broker refused a commit of run ${nameOf(key)}: ${error.message}`, remedy: error.remedy });
      if (error instanceof HoldfastError && !error.retryable) throw error;
      reason = error instanceof Error ? error.message : String(error);
    }
    if (settled === 'truncated') truncations += 1;
    else if (settled !== undefined) return settled;
    if (truncations >= TRUNCATION_ANSWERS) return unavailable(truncated(key, partition, expected));
    const pause = Math.random() * Math.min(LONGEST_PAUSE_MS, means.retryDelayMs * 2 ** attempt);
    if (Date.now() + pause >= means.deadline) return unavailable({ code: 'log.unavailable', message: `Whether a commit of run ${nameOf(key)} is stored could not be found out: ${reason}.`, remedy: `Try again; if it lasts, check the broker and that stream ${logStream(partition)} exists.` });
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** What became of a commit whose publish was refused or unanswered. */
async function settle(means: AppendMeans, key: RunKey, commit: Commit, expected: number, answer: Exclude<PublishAnswer, { status: 'stored' }>): Promise<Settled> {
  // The leader's own word is better than a read, which a follower may answer before it has the last commits.
  const last = answer.status === 'conflict' ? answer.lastSequence : undefined;
  if (last !== undefined && last < expected) return 'truncated';
  const head = last === undefined ? await means.head(key) : await means.readAt(last);
  if (head === undefined || head.sequence <= expected || head.commit.number < commit.number) return undefined;
  const [inPlace] = head.commit.number === commit.number ? [head] : await readBack(key, head, commit.number - 1, means.readAt);
  if (inPlace === undefined) return undefined;
  return inPlace.commit.hash === commit.hash ? { status: 'appended', recorded: inPlace } : { status: 'lost', head, winner: inPlace.sequence };
}

/** An append that is given up, from an error's parts. */
export function unavailable({ code, message, remedy }: { readonly code: string; readonly message: string; readonly remedy: string }): AppendResult {
  return { status: 'unavailable', code, reason: message, remedy };
}

function truncated(key: RunKey, partition: number, expected: number): Parameters<typeof unavailable>[0] {
  return {
    code: 'log.truncated',
    message: `${logStream(partition)} no longer holds the commit of run ${nameOf(key)} at sequence ${expected}, which was read or written before.`,
    remedy: 'Read the run again before deciding. If the machine lost its power, the broker runs without fsync (durability "process"); otherwise compare the stream with a backup.',
  };
}

function nameOf(key: RunKey): string {
  return `${key.tenant}/${key.runId}`;
}
