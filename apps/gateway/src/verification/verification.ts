import { parseCommitSubject, type RunKey } from '@holdfast/contracts';
import { readAsStored, verifyRun, type EventLog, type StoredLog } from '@holdfast/event-log';
import type { PermitKeys } from '@holdfast/policy-engine';
import { checkRecord } from './recorded-run.js';
import type { RunVerification, VerificationFinding, VerificationPage } from './verification.schema.js';

/** Messages of the log that one part goes through. */
const PAGE = 128;
const MOST_FINDINGS = 1_000;
const BROKEN = 'Nothing from there on is to be trusted. Quarantine the run and compare the log with a backup; other runs are not affected.';
const GAP = 'Compare the partition\'s stream with a backup: nothing that Holdfast does takes messages out of the log.';

/** Checks one run, as it is stored and as it reads. Undefined when there is no such run. Throws what is retryable. */
export async function verifyOne(log: EventLog & StoredLog, key: RunKey, keys: PermitKeys | undefined): Promise<RunVerification | undefined> {
  const { commits, findings } = await verifyRun(log, key, { maximumFindings: MOST_FINDINGS });
  if (commits === 0) return undefined;
  const chain = findings.map(({ problem, partition, sequence, number }): VerificationFinding => ({ check: 'chain', runId: key.runId, ...(number === undefined ? {} : { commit: number }), partition, sequence, problem, remedy: BROKEN }));
  const { commits: read } = await readAsStored(log, key);
  const erased = read.some(({ commit }) => commit.events.some(({ type }) => type === 'content-erased'));
  const record = checkRecord(erased ? [] : read, keys);
  const all = [...chain, ...record.findings].slice(0, MOST_FINDINGS);
  return { runId: key.runId, holds: all.length === 0, commits, permits: record.permits, checkpoints: record.checkpoints, findings: all, erased };
}

/** Checks a part of the log from a cursor on: the tenant's runs whose first message stands in it, and whether messages are missing. */
export async function verifyPart(log: EventLog & StoredLog, tenant: string, cursor: string, keys: PermitKeys | undefined): Promise<VerificationPage> {
  const [partition = 0, from = 1] = cursor.split('.').map(Number);
  const last = partition < log.partitions ? await log.lastStored(partition) : 0;
  const messages = from <= last ? await log.readStored(partition, from, PAGE) : [];
  const findings: VerificationFinding[] = [];
  const begun = new Map<string, RunKey>();
  let due = from;
  for (const { sequence, subject } of messages) {
    if (sequence !== due) findings.push(gap(partition, due, sequence - 1));
    due = sequence + 1;
    const key = parseCommitSubject(subject)?.key;
    if (key?.tenant === tenant) begun.set(key.runId, key);
  }
  if (messages.length === 0 && from <= last) {
    findings.push(gap(partition, from, last));
    due = last + 1;
  }
  const sum = { runs: 0, erased: 0, commits: 0, checkpoints: 0, permits: { checked: 0, unchecked: 0 } };
  for (const key of begun.values()) {
    const [first] = await log.readStored(partition, 1, 1, key);
    if (first !== undefined && first.sequence < from) continue;
    const run = await verifyOne(log, key, keys);
    if (run === undefined) continue;
    sum.runs += 1;
    sum.erased += run.erased ? 1 : 0;
    sum.commits += run.commits;
    sum.checkpoints += run.checkpoints;
    sum.permits.checked += run.permits.checked;
    sum.permits.unchecked += run.permits.unchecked;
    findings.push(...run.findings);
  }
  const next = due <= last ? `${partition}.${due}` : partition + 1 < log.partitions ? `${partition + 1}.1` : undefined;
  return { holds: findings.length === 0, ...sum, findings, position: { partition, partitions: log.partitions, sequence: due - 1, last }, ...(next === undefined ? {} : { next }) };
}

function gap(partition: number, from: number, to: number): VerificationFinding {
  return { check: 'chain', partition, sequence: from, problem: from === to ? `the message at sequence ${from} is missing` : `the messages from sequence ${from} to ${to} are missing`, remedy: GAP };
}
