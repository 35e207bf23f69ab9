import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';
import { exchange } from '../faults/http-fault.js';
import { eventPattern, KILLABLE } from '../suites/suite.js';
import { repeatsOf, repeatsReport } from './repeats.js';

/** The report as data: what the service answers and `report.json` holds. All durations are milliseconds. */
export const caseResult = z.object({
  name: z.string(),
  /** From 1. */
  repeat: z.number().int(),
  passed: z.boolean(),
  /** Of a case that is judged by safety: whether its task was done as well. */
  solved: z.boolean().optional(),
  /** Of such a case: no fault that it was to have came in time, so that it shows nothing. */
  void: z.boolean().optional(),
  /** What the run waited for that only a person could give; it was cancelled then. */
  held: z.string().optional(),
  /** What the case consists of, where that was asked. */
  observed: z.object({ events: z.array(eventPattern).readonly(), exchanges: z.array(exchange).readonly() }).optional(),
  runId: z.string().optional(),
  durationMs: z.number(),
  commits: z.number().int(),
  /** The hash of the run's last commit, which stands for its whole history. */
  headHash: z.string().optional(),
  verdicts: z.array(z.object({ scorer: z.string(), passed: z.boolean(), reason: z.string() })).readonly(),
  kills: z.array(z.object({ process: z.enum(KILLABLE), atCommit: z.number().int(), restartMs: z.number(), recoveryMs: z.number().optional() })).readonly(),
  /** What the world recorded, for each path that the suite asked about; lists as their lengths. */
  effects: z.record(z.string(), z.unknown()),
});
export type CaseResult = z.infer<typeof caseResult>;

export const suiteReport = z.object({
  suite: z.string(),
  /** SHA-256 of the suite with all its events, in canonical JSON: reports of one digest asked the same. */
  digest: z.string(),
  passed: z.boolean(),
  /** RFC 3339, UTC. */
  startedAt: z.string(),
  durationMs: z.number(),
  cases: z.array(caseResult).readonly(),
  repeats: repeatsReport,
});
export type SuiteReport = z.infer<typeof suiteReport>;

/** The report of what has been executed of a suite. */
export function reportOf(ran: Pick<SuiteReport, 'suite' | 'digest' | 'startedAt' | 'durationMs'>, cases: readonly CaseResult[]): SuiteReport {
  return { ...ran, passed: cases.every(({ passed }) => passed), cases, repeats: repeatsOf(cases) };
}

/** Reads a `report.json`. Throws `evals.report-unreadable`. */
export async function readReport(path: string): Promise<SuiteReport> {
  try {
    return suiteReport.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new HoldfastError({ code: 'evals.report-unreadable', message: `"${path}" is no report of a suite: ${cause instanceof Error ? cause.message : String(cause)}`, retryable: false, remedy: 'Name the report.json of an earlier --report folder.', cause });
  }
}

/** A suite that was asked for: how far it is, and in the end its report or why it could not be run. */
export const suiteJob = z.object({
  id: z.string(),
  suite: z.string(),
  state: z.enum(['running', 'finished', 'failed']),
  total: z.number().int(),
  current: z.string().optional(),
  done: z.array(caseResult).readonly(),
  report: suiteReport.optional(),
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean(), remedy: z.string() }).optional(),
});
export type SuiteJob = z.infer<typeof suiteJob>;

/** The totals of a report, as its last line tells them. */
export function totalsOf({ suite, passed, durationMs, cases }: SuiteReport): Readonly<Record<string, unknown>> {
  const kills = cases.flatMap((result) => result.kills);
  const recoveries = kills.flatMap(({ recoveryMs }) => (recoveryMs === undefined ? [] : [recoveryMs]));
  return {
    suite, passed, cases: cases.length, failed: cases.filter((result) => !result.passed).length, kills: kills.length,
    ...(recoveries.length === 0 ? {} : { slowestRecoveryMs: Math.round(Math.max(...recoveries)) }), durationMs: Math.round(durationMs),
  };
}
