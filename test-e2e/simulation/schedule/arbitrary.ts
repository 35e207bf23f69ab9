import fc from 'fast-check';
import { RUNTIME_CALLS, TOOLS, type Answering, type Fault, type Intervention, type RunPlan, type Schedule } from './schedule.ts';

/** A schedule of two short runs passes about this many messages; a fault beyond the last one never happens. */
const MESSAGES = 260;

const milliseconds = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }) }, { weight: 2, arbitrary: fc.integer({ min: 60, max: 2_500 }) }, { weight: 1, arbitrary: fc.integer({ min: 2_500, max: 9_000 }) });
const nth = fc.nat(MESSAGES);
const fewer = fc.nat(12);

const call = fc.record({ tool: fc.oneof({ weight: 7, arbitrary: fc.constantFrom(...TOOLS) }, { weight: 1, arbitrary: fc.constantFrom(...RUNTIME_CALLS) }), operation: fc.oneof({ weight: 6, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.integer({ min: 4, max: 5 }) }) });

const runPlan: fc.Arbitrary<RunPlan> = fc.record({
  atMs: fc.nat(150),
  agent: fc.oneof({ weight: 5, arbitrary: fc.constant('patient' as const) }, { weight: 1, arbitrary: fc.constant('hasty' as const) }),
  steps: fc.array(fc.oneof({ weight: 3, arbitrary: fc.array(call, { minLength: 1, maxLength: 1 }) }, { weight: 1, arbitrary: fc.array(call, { minLength: 2, maxLength: 3 }) }), { maxLength: 3 }),
  duplicates: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) }),
});

const answering: fc.Arbitrary<Answering> = fc.record({ delayMs: milliseconds, answer: fc.oneof({ weight: 3, arbitrary: fc.constant('approved' as const) }, { weight: 1, arbitrary: fc.constant('rejected' as const) }), twice: fc.boolean() });

const intervention: fc.Arbitrary<Intervention> = fc.record({ run: fc.nat(2), atMs: fc.oneof({ weight: 3, arbitrary: fc.nat(120) }, { weight: 1, arbitrary: fc.nat(1_500) }), what: fc.constantFrom('pause', 'pause', 'cancel', 'signal', 'signal'), twice: fc.boolean() });

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('drop' as const), nth }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delay' as const), nth, ms: milliseconds }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('duplicate' as const), nth, ms: milliseconds }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('crash' as const), nth, sent: fc.boolean(), ms: milliseconds }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pause' as const), nth, ms: milliseconds }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('power-loss' as const), nth, ms: milliseconds, forgets: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('redelivery' as const), nth: fc.nat(24), ms: milliseconds }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('stale-read' as const), nth: fc.nat(60), behind: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('policy-down' as const), nth, ms: milliseconds }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('quarantine' as const), nth, ms: milliseconds }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('model' as const), nth: fewer, how: fc.constantFrom('time-out', 'error', 'invents') }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('tool' as const), nth: fc.oneof({ weight: 2, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fewer }), how: fc.constantFrom('refused', 'not-done', 'request-lost', 'answer-lost', 'late') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('forgery' as const), nth: fc.nat(3) }) },
);

/** Half the schedules have few faults, since much of what goes wrong needs everything else to go right. */
const faults = fc.oneof({ weight: 1, arbitrary: fc.array(fault, { maxLength: 3 }) }, { weight: 1, arbitrary: fc.array(fault, { minLength: 2, maxLength: 10 }) });

/** All schedules. Small ones, but of every shape: fast-check shrinks any of them to the least that still fails. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.noShrink(fc.integer()),
  partitions: fc.integer({ min: 1, max: 2 }),
  orchestrators: fc.integer({ min: 1, max: 2 }),
  planners: fc.integer({ min: 1, max: 2 }),
  adapters: fc.integer({ min: 1, max: 2 }),
  policies: fc.integer({ min: 1, max: 2 }),
  throughSdk: fc.oneof({ weight: 24, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  leases: fc.oneof({ weight: 11, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  runs: fc.oneof({ weight: 3, arbitrary: fc.array(runPlan, { minLength: 1, maxLength: 1 }) }, { weight: 1, arbitrary: fc.array(runPlan, { minLength: 2, maxLength: 3 }) }),
  answering,
  interventions: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(intervention, { minLength: 1, maxLength: 3 }) }),
  faults,
});

/** So many seeds there are: fast-check's have 32 bits, and a sign looks like an option on a command line. */
export const SEEDS = 2 ** 31;

/** The schedule of a seed; with a path, the one that shrinking arrived at. */
export function scheduleOf(seed: number, path?: string): Schedule {
  const [schedule] = fc.sample(schedules, { seed, numRuns: 1, ...(path === undefined ? {} : { path }) });
  if (schedule === undefined) throw new RangeError(`there is no schedule at path ${path} of seed ${seed}`);
  return schedule;
}
