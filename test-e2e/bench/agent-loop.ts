import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Bus } from '@holdfast/bus';
import { REPOSITORY, createRunDirectory, startStack, type Stack } from '@holdfast/deploy';
import { JetStreamEventLog } from '@holdfast/event-log';
import { TaskPublisher } from '@holdfast/example-accounts-payable';

/**
 * `npm run bench -- --steps 10 --concurrency 64 --seconds 20`: the agent loop on real processes with fsync before every
 * acknowledgement. One step is a decision and a tool call under a ledger claim. Prints a table and, last, one JSON object.
 */
const { values } = parseArgs({ options: { steps: { type: 'string', default: '10' }, concurrency: { type: 'string', default: '64' }, seconds: { type: 'string', default: '15' } } });
const [steps, concurrency, duration] = [Number(values.steps), Number(values.concurrency), Number(values.seconds)];
const TENANT = 'bench';

const directory = await createRunDirectory();
const folder = join(REPOSITORY, 'test-e2e', 'bench');
let stack: Stack | undefined;
try {
  stack = await startStack({
    directory, tenant: TENANT, services: ['gateway', 'orchestrator', 'planner', 'policy', 'tool-adapters'],
    application: { agents: join(folder, 'application.ts'), tools: join(folder, 'application.ts'), policies: join(folder, 'policies') },
  });
  const result = await measure(stack);
  console.table(result);
  console.log(JSON.stringify(result));
} finally {
  await stack?.stop();
  await directory.remove();
}

async function measure(installation: Stack) {
  const publisher = await TaskPublisher.connect(installation.brokerUrl, installation.identities?.publisher.seed, TENANT);
  const bus = await Bus.connect({ url: installation.brokerUrl, role: 'evals', seed: installation.identities?.evals.seed, name: 'bench' });
  const log = new JetStreamEventLog(bus, installation.partitions);
  const seen = { decisions: 0, ended: 0, commits: 0 };
  const waiting = new Map<string, () => void>();
  const subscription = log.follow([], ({ commit }) => {
    seen.commits += 1;
    for (const event of commit.events) {
      if (event.type === 'decision-made') seen.decisions += 1;
      if (event.type === 'task-accepted') names.set(commit.runId, event.task.id);
      if (event.type === 'run-ended') {
        seen.ended += 1;
        waiting.get(names.get(commit.runId) ?? '')?.();
      }
    }
  });
  const names = new Map<string, string>();
  let runs = 0;
  const one = async (): Promise<void> => {
    const id = `run-${(runs += 1)}`;
    const ended = new Promise<void>((resolve) => waiting.set(id, resolve));
    await publisher.publish({ specversion: '1.0', id, source: '/bench', type: 'com.example.bench', data: { goal: `Count ${steps} times.`, run: id, steps } });
    await ended;
    waiting.delete(id);
  };
  // Code is compiled and caches are filled before anything is timed.
  await Promise.all(Array.from({ length: 32 }, one));
  const alone: number[] = [];
  for (let count = 0; count < 30; count += 1) {
    const started = performance.now();
    await one();
    alone.push((performance.now() - started) / steps);
  }
  alone.sort((a, b) => a - b);
  const before = { ...seen, at: performance.now(), processor: processorSeconds(installation) };
  let going = true;
  const loops = Array.from({ length: concurrency }, async () => {
    while (going) await one();
  });
  await sleep(duration * 1_000);
  const elapsed = (performance.now() - before.at) / 1_000;
  const done = seen.decisions - before.decisions;
  const after = processorSeconds(installation);
  const used = Object.fromEntries(Object.entries(after).map(([name, seconds]) => [name, seconds - (before.processor[name] ?? 0)]));
  going = false;
  await Promise.all(loops);
  subscription.stop();
  await Promise.all([publisher.close(), bus.close()]);
  return {
    'ms a step alone, p50': round(alone[Math.floor(alone.length / 2)] ?? 0),
    'ms a step alone, worst': round(alone.at(-1) ?? 0),
    'steps a second': round(done / elapsed),
    'commits a second': round((seen.commits - before.commits) / elapsed),
    'processor ms a step': round(total(used) * 1_000 / done),
    ...Object.fromEntries(Object.entries(used).map(([name, seconds]) => [`  of it ${name}`, round((seconds * 1_000) / done)])),
    concurrency, 'steps a run': steps, processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length,
  };
}

/** Seconds of processor time that broker and services have used so far (Linux; elsewhere nothing is known). */
function processorSeconds(installation: Stack): Record<string, number> {
  const pids = { broker: installation.broker?.pid, ...Object.fromEntries(Object.entries(installation.services).map(([name, service]) => [name, service.pid])) };
  return Object.fromEntries(Object.entries(pids).flatMap(([name, pid]) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return [[name, (Number(fields[11]) + Number(fields[12])) / 100]];
    } catch {
      return [];
    }
  }));
}

function total(parts: Readonly<Record<string, number>>): number {
  return Object.values(parts).reduce((sum, part) => sum + part, 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
