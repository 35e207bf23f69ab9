import { JetStreamEventLog } from '@holdfast/event-log';
import { logStream, partitionOf, subjects, type RunKey } from '@holdfast/contracts';
import { evolve, initialState } from '@holdfast/run';
import { draftsOfRun, sealRun } from '../application/history.ts';
import { fill, type Filling } from '../floor/fill.ts';
import { startBrokerOnly, type BrokerOnly } from '../installation/broker-only.ts';
import { TENANT } from '../installation/installation.ts';
import { countStreams } from '../installation/stream-counts.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import { median, percentile } from '../suite/statistics.ts';

const MILLION = 1_000_000;
const STEPS = 10;
/** Runs that are rebuilt, planted evenly over the length of the log. */
const RUNS = 40;
/** Commits of other runs between two commits of a planted one: as with 64 runs at once over eight partitions. */
const BETWEEN = 8;
const [CROWDED, EMPTY] = [0, 1];

/**
 * Rebuilding a run as the orchestrator does when it does not have it in memory, over a fresh connection: in a partition
 * of a million commits, and in one that holds nothing but the runs themselves, in turn. The log is filled without fsync;
 * what is timed only reads.
 */
export const rebuild: Benchmark = {
  name: 'rebuild',
  about: 'a 10-step run out of a log of a million commits, against an empty log',
  limitSeconds: 150,
  async run(context) {
    const total = Math.max(2_000, Math.round(MILLION * context.options.scale));
    const runs = Math.max(4, Math.round(RUNS * Math.sqrt(context.options.scale)));
    const only = await startBrokerOnly(context, { partitions: 2, durability: 'process' });
    const keysOf = (partition: number): RunKey[] => keysIn(partition, runs);
    const [crowded, empty] = [keysOf(CROWDED), keysOf(EMPTY)];
    context.progress(`filling ${logStream(CROWDED)} with ${total.toLocaleString('en')} commits`);
    const started = performance.now();
    await fill(only.core, withPlanted(crowded, total));
    await fill(only.core, withPlanted(empty, 0));
    const stored = (await countStreams(only.core)).find(({ name }) => name === logStream(CROWDED));
    if (stored?.messages !== total) throw new Error(`${stored?.messages} of ${total} commits were stored`);
    context.progress(`filled in ${((performance.now() - started) / 1_000).toFixed(1)} s, ${(stored.bytes / 1e9).toFixed(2)} GB; rebuilding`);
    // Code is compiled by other runs than those that are timed.
    for (const key of [...crowded.splice(0, 2), ...empty.splice(0, 2)]) for (let time = 0; time < 20; time += 1) await rebuildOnce(only, key);
    const first: Times = { crowded: [], empty: [] };
    const again: Times = { crowded: [], empty: [] };
    for (const [index, key] of crowded.entries()) {
      for (const times of [first, again]) {
        times.crowded.push(await rebuildOnce(only, key));
        times.empty.push(await rebuildOnce(only, empty[index] ?? key));
      }
    }
    context.progress('and once more after a restart of the broker, whose caches are empty then');
    await only.broker.restart();
    const cold: number[] = [];
    for (const key of crowded.slice(0, 10)) cold.push(await rebuildOnce(only, key));
    const title = `rebuild of a run of ${STEPS} steps, log of ${total.toLocaleString('en')} commits`;
    const floorTitle = 'in an empty log';
    const firstMs = median(first.crowded);
    return [
      { id: 'rebuild_ms_p50', title: `${title}, p50`, value: firstMs, unit: 'ms', target: { of: 'value', atMost: 5 } },
      { id: 'rebuild_first_ratio', title: 'the same, by its ratio', value: firstMs, unit: 'ms', floor: median(first.empty), floorTitle, target: { of: 'ratio', atMost: 1.5 } },
      { id: 'rebuild_again_ms_p50', title: 'once more over another connection, the broker has the block in memory', value: median(again.crowded), unit: 'ms', floor: median(again.empty), floorTitle, target: { of: 'ratio', atMost: 1.5 } },
      { id: 'rebuild_ms_p95', title: 'p95', value: percentile([...first.crowded], 0.95), unit: 'ms', floor: percentile([...first.empty], 0.95), floorTitle },
      { id: 'rebuild_ms_after_broker_restart', title: 'p50 of ten runs, first reads after a restart of the broker', value: median(cold), unit: 'ms' },
    ];
  },
};

interface Times {
  readonly crowded: number[];
  readonly empty: number[];
}

/** A log of that length with the planted runs at even distances, each among the commits of others. */
function* withPlanted(keys: readonly RunKey[], total: number): Generator<Filling> {
  const perRun = STEPS * 2 + 2;
  const spread = Math.floor(total / (keys.length + 1));
  const others = strangers();
  let sequence = 0;
  const stranger = (): Filling => {
    sequence += 1;
    return others.next().value as Filling;
  };
  for (const [index, key] of keys.entries()) {
    while (sequence < spread * (index + 1)) yield stranger();
    const between = total === 0 ? 0 : Math.min(BETWEEN, Math.floor(spread / perRun) - 1);
    const first = sequence + 1;
    const partition = partitionOf(key, 2);
    for (const commit of sealRun(key, draftsOfRun(key.runId, STEPS, 'answered', 1_764_000_000_000), (at) => first + at * (between + 1))) {
      sequence += 1;
      yield { subject: subjects.commit(partition, key, commit.route), payload: JSON.stringify(commit) };
      for (let number = 0; number < between; number += 1) yield stranger();
    }
  }
  while (sequence < total) yield stranger();
}

/** Commits of other runs: real payloads, under new runs' subjects, which nobody reads. */
function* strangers(): Generator<Filling> {
  const key: RunKey = { tenant: TENANT, runId: 'stranger' };
  const templates = sealRun(key, draftsOfRun(key.runId, STEPS, 'answered', 1_764_000_000_000), (index) => index + 1).map((commit) => ({ route: commit.route, payload: Buffer.from(JSON.stringify(commit)) }));
  for (let run = 0; ; run += 1) {
    for (const { route, payload } of templates) yield { subject: subjects.commit(CROWDED, { tenant: TENANT, runId: `stranger-${run}` }, route), payload };
  }
}

function keysIn(partition: number, count: number): RunKey[] {
  const keys: RunKey[] = [];
  for (let number = 0; keys.length < count + 2; number += 1) {
    const key = { tenant: TENANT, runId: `planted-${number}` };
    if (partitionOf(key, 2) === partition) keys.push(key);
  }
  return keys;
}

/** Milliseconds to read a run's tail and fold it, with nothing in memory but compiled code. */
async function rebuildOnce(only: BrokerOnly, key: RunKey): Promise<number> {
  const bus = await only.bus('orchestrator');
  const log = new JetStreamEventLog(bus, only.partitions);
  const started = performance.now();
  const { commits } = await log.readTail(key);
  const state = commits.reduce((folded, { commit }) => evolve(folded, commit), initialState);
  const elapsed = performance.now() - started;
  await bus.close(1_000);
  if (state.phase !== 'ended' || commits.length !== STEPS * 2 + 2) throw new Error(`run ${key.runId} was rebuilt as ${state.phase} from ${commits.length} commits`);
  return elapsed;
}
