import { createHash } from 'node:crypto';
import { partitionOf, type RunKey } from '@holdfast/contracts';
import type { StoredLog } from '../port.js';
import { ChainChecker } from './chain-checker.js';
import { Findings, type CheckedPartition, type VerificationReport } from './report.js';

export interface VerificationLimits {
  /** Messages that are read at once. */
  readonly page: number;
  /** Runs of a partition whose last commit is remembered; others cost a read. */
  readonly maximumRuns: number;
  /** Findings that are listed; more are counted. */
  readonly maximumFindings: number;
}

const LIMITS: VerificationLimits = { page: 256, maximumRuns: 100_000, maximumFindings: 1_000 };
/** A replica that is behind may say that the stream ends early; another one is asked. */
const EMPTY_ANSWERS = 10;
const EMPTY_PAUSE_MS = 100;

/**
 * Checks every commit of the log as it is stored, before any upcasting: hashes, links, pointers, subjects, partitions and
 * gaps in the streams. Any commit that was altered, removed or moved within its run is found and named, with one
 * exception that no chain can find by itself: commits cut off the end of a stream. For that, compare `last` and `digest`
 * of each partition with an earlier report. Memory is bounded by the limits. Throws `log.unavailable` (retryable).
 */
export async function verifyLog(log: StoredLog, limits: Partial<VerificationLimits> = {}): Promise<VerificationReport> {
  const { page, maximumRuns, maximumFindings } = { ...LIMITS, ...limits };
  const findings = new Findings(maximumFindings);
  const partitions: CheckedPartition[] = [];
  let commits = 0;
  for (let partition = 0; partition < log.partitions; partition += 1) {
    const checker = new ChainChecker(log, partition, maximumRuns, findings);
    const digest = createHash('sha256');
    const last = await log.lastStored(partition);
    for (let next = 1, empty = 0; next <= last;) {
      const messages = await log.readStored(partition, next, page);
      if (messages.length === 0) {
        if ((empty += 1) < EMPTY_ANSWERS) {
          await new Promise((resolve) => setTimeout(resolve, EMPTY_PAUSE_MS));
          continue;
        }
        findings.add({ partition, sequence: next, problem: `the messages from sequence ${next} to ${last} are missing` });
        break;
      }
      for (const message of messages) {
        if (message.sequence !== next) findings.add({ partition, sequence: next, problem: message.sequence === next + 1 ? `the message at sequence ${next} is missing` : `the messages from sequence ${next} to ${message.sequence - 1} are missing` });
        digest.update((await checker.check(message)) ?? 'unreadable');
        commits += 1;
        next = message.sequence + 1;
      }
    }
    partitions.push({ partition, last, digest: digest.digest('hex') });
  }
  return { holds: findings.none, commits, findings: findings.listed, more: findings.more, partitions };
}

/** Checks the commits of one run in the same way. */
export async function verifyRun(log: StoredLog, key: RunKey, limits: Partial<VerificationLimits> = {}): Promise<VerificationReport> {
  const { page, maximumFindings } = { ...LIMITS, ...limits };
  const findings = new Findings(maximumFindings);
  const partition = partitionOf(key, log.partitions);
  const checker = new ChainChecker(log, partition, 1, findings);
  const digest = createHash('sha256');
  let [commits, last] = [0, 0];
  for (;;) {
    const messages = await log.readStored(partition, last + 1, page, key);
    for (const message of messages) {
      digest.update((await checker.check(message)) ?? 'unreadable');
      commits += 1;
      last = message.sequence;
    }
    if (messages.length < page) break;
  }
  return { holds: findings.none, commits, findings: findings.listed, more: findings.more, partitions: [{ partition, last, digest: digest.digest('hex') }] };
}
