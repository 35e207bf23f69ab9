/**
 * Deterministic simulation: `npm run sim -- [--seeds N] [--seconds T] [--seed S [--path P] [--trace]]`. Progress goes to
 * stderr; the last line on stdout is one JSON object. Exit code 1 when any schedule broke a promise. See ADR 0013.
 */
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { describeSchedule } from './command/describe.ts';
import { judge } from './command/judge.ts';
import { shrink } from './command/shrink.ts';
import type { Chunk, Judged } from './command/worker.ts';
import { SEEDS, scheduleOf } from './schedule/arbitrary.ts';
import type { FaultKind } from './schedule/schedule.ts';
import { WEAKNESSES, type Weakness } from './weaknesses.ts';

const DEFAULT_SEEDS = 2_000;
const CHUNK = 25;
const SHRINK_MS = 60_000;
/** So many broken seeds are shrunk; of the others only the seed is told. */
const SHRUNK_AT_MOST = 2;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' },
    trace: { type: 'boolean', default: false }, workers: { type: 'string', default: String(availableParallelism()) },
    /** Breaks one guarantee on purpose, to see it noticed. */
    weakness: { type: 'string' },
  },
});
const weakness = WEAKNESSES.find((known): known is Weakness => known === values.weakness);
if (values.weakness !== undefined && weakness === undefined) throw new RangeError(`--weakness is one of ${WEAKNESSES.join(', ')}`);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Totals {
  schedules: number;
  failures: Judged['failures'][number][];
  faults: Partial<Record<FaultKind, number>>;
  messages: number;
  commits: number;
}

const started = performance.now();
const totals: Totals = { schedules: 0, failures: [], faults: {}, messages: 0, commits: 0 };
const base = values.seed === undefined ? randomInt(SEEDS) : Number(values.seed);
if (values.seed === undefined) await runMany();
else await runOne(base);
const seconds = (performance.now() - started) / 1000;
for (const [at, { seed, violations }] of totals.failures.entries()) await explain(seed, violations[0]?.invariant ?? '', at < SHRUNK_AT_MOST && values.path === undefined);
const { user, system } = process.cpuUsage();
process.stdout.write(`${JSON.stringify({
  schedules: totals.schedules, failures: totals.failures.length, seconds: Number(seconds.toFixed(1)), seed: base,
  schedulesAMinute: Math.round((totals.schedules / seconds) * 60), processorMsASchedule: Number(((user + system) / 1000 / totals.schedules).toFixed(2)),
  messages: totals.messages, commits: totals.commits, faults: totals.faults, failedSeeds: totals.failures.map(({ seed }) => seed).slice(0, 20),
})}\n`);
process.exitCode = totals.failures.length === 0 ? 0 : 1;

function add(judged: Judged): void {
  totals.schedules += judged.schedules;
  totals.messages += judged.messages;
  totals.commits += judged.commits;
  totals.failures.push(...judged.failures);
  for (const [kind, happened] of Object.entries(judged.faults) as [FaultKind, number][]) totals.faults[kind] = (totals.faults[kind] ?? 0) + happened;
}

/** Fresh seeds from a random base on, on every processor, until so many are done or the time is over. */
async function runMany(): Promise<void> {
  const limitMs = values.seconds === undefined ? Number.POSITIVE_INFINITY : Number(values.seconds) * 1000;
  const wanted = values.seeds === undefined ? (values.seconds === undefined ? DEFAULT_SEEDS : Number.MAX_SAFE_INTEGER) : Number(values.seeds);
  say(`seeds from ${base} on`);
  const progress = setInterval(() => say(`${totals.schedules} schedules, ${totals.failures.length} failures, ${((performance.now() - started) / 1000).toFixed(0)} s`), 5_000);
  let given = 0;
  const next = (): Chunk | undefined => {
    const count = Math.min(CHUNK, wanted - given);
    if (count <= 0 || performance.now() - started >= limitMs) return undefined;
    given += count;
    return { first: base + given - count, count, weakness };
  };
  await Promise.all(Array.from({ length: Number(values.workers) }, () => runThread(next)));
  clearInterval(progress);
}

/** One thread, given seeds until there are no more. */
function runThread(next: () => Chunk | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./command/worker.ts', import.meta.url));
    const give = (): void => {
      const chunk = next();
      if (chunk === undefined) void thread.terminate().then(() => resolve());
      else thread.postMessage(chunk);
    };
    thread.on('message', (judged: Judged) => {
      add(judged);
      give();
    });
    thread.once('error', reject);
    give();
  });
}

async function runOne(seed: number): Promise<void> {
  const schedule = scheduleOf(seed, values.path);
  const judged = await judge(schedule, { weakness, keepLines: values.trace });
  for (const line of judged.lines) say(line);
  for (const line of describeSchedule(schedule)) say(line);
  add({ schedules: 1, failures: judged.violations.length === 0 ? [] : [{ seed, violations: judged.violations }], faults: judged.faults, messages: judged.messages, commits: judged.commits });
  for (const { invariant, description } of judged.violations) say(`BROKEN: ${invariant}: ${description}`);
}

/** Tells what a seed broke, how to see it again, and the least that still breaks it. */
async function explain(seed: number, invariant: string, shrinks: boolean): Promise<void> {
  const flag = weakness === undefined ? '' : ` --weakness ${weakness}`;
  say(`\nseed ${seed} broke "${invariant}"; again: npm run sim -- --seed ${seed}${flag}`);
  if (!shrinks) return;
  const shrunk = await shrink(seed, invariant, { weakness }, SHRINK_MS);
  if (shrunk === undefined) return;
  const { violations } = await judge(shrunk.schedule, { weakness, keepLines: true });
  say(`shrunk to ${shrunk.schedule.faults.length} of ${scheduleOf(seed).faults.length} faults in ${shrunk.tried} tries; again: npm run sim -- --seed ${seed} --path ${shrunk.path}${flag}`);
  for (const line of describeSchedule(shrunk.schedule)) say(`  ${line}`);
  for (const violation of violations) say(`  BROKEN: ${violation.invariant}: ${violation.description}`);
}
