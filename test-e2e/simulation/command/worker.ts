import { parentPort } from 'node:worker_threads';
import { SEEDS, scheduleOf } from '../schedule/arbitrary.ts';
import type { FaultKind } from '../schedule/schedule.ts';
import type { Violation } from '../invariants/violation.ts';
import type { Weakness } from '../weaknesses.ts';
import { judge } from './judge.ts';

/** Some seeds in a row for one thread. */
export interface Chunk {
  readonly first: number;
  readonly count: number;
  readonly weakness: Weakness | undefined;
}

export interface Judged {
  readonly schedules: number;
  readonly failures: readonly { readonly seed: number; readonly violations: readonly Violation[] }[];
  readonly faults: Partial<Record<FaultKind, number>>;
  readonly messages: number;
  readonly commits: number;
}

const port = parentPort;
port?.on('message', (chunk: Chunk) => {
  void judgeAll(chunk).then((judged) => port.postMessage(judged));
});

async function judgeAll({ first, count, weakness }: Chunk): Promise<Judged> {
  const failures: Judged['failures'][number][] = [];
  const faults: Partial<Record<FaultKind, number>> = {};
  let messages = 0;
  let commits = 0;
  for (let at = 0; at < count; at += 1) {
    const seed = (first + at) % SEEDS;
    const judged = await judge(scheduleOf(seed), { weakness });
    if (judged.violations.length > 0) failures.push({ seed, violations: judged.violations });
    messages += judged.messages;
    commits += judged.commits;
    for (const [kind, happened] of Object.entries(judged.faults) as [FaultKind, number][]) faults[kind] = (faults[kind] ?? 0) + happened;
  }
  return { schedules: count, failures, faults, messages, commits };
}
