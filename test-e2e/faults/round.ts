import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Bus } from '@holdfast/bus';
import { HoldfastError } from '@holdfast/contracts';
import { createRunDirectory, startStack, type Durability, type RunDirectory, type Stack } from '@holdfast/deploy';
import { faultNamed } from './faults/all.ts';
import type { Preparation, Scene, Strike } from './faults/fault.ts';
import { Orders } from './injection/orders.ts';
import { judge, readHistories, rests, totalEffects, type Evidence, type Histories, type Promised } from './promises/index.ts';
import { recoveryTimes, type Recovery } from './recovery.ts';
import { Acknowledged } from './workload/acknowledged.ts';
import { Gateway } from './workload/gateway.ts';
import { People } from './workload/people.ts';
import { planBurst, planWorkload } from './workload/plan.ts';
import { Random } from './workload/random.ts';
import { Senders } from './workload/senders.ts';
import { World } from './world/world.ts';

/** What a round is made of; the same specification asks for the same round again. */
export interface RoundSpecification {
  readonly fault: string;
  readonly seed: number;
  /** Processes of orchestrator, planner and tool-adapters. */
  readonly instances: number;
  /** How long tasks are handed in, in seconds. */
  readonly loadSeconds: number;
  readonly durability: Durability;
  /** How long senders and runs may take once the fault is over, in seconds. */
  readonly patienceSeconds: number;
  /** A guarantee that is switched off; see `injection/mutations.ts`. */
  readonly mutation?: string | undefined;
}

export interface RoundResult {
  readonly specification: RoundSpecification;
  readonly promises: readonly Promised[];
  readonly kills: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly effects: number;
  readonly duplicates: number;
  readonly commits: number;
  readonly recoveries: readonly Recovery[];
  /** Processes that ended though nobody killed them; one that killed itself at a failpoint is among them. */
  readonly crashes: readonly string[];
}

const TENANT = 'acme';
const SERVICES = ['gateway', 'orchestrator', 'planner', 'policy', 'tool-adapters'] as const;
const PARTITIONS = 4;
const TASKS_A_SECOND = 8;
const BAD_PERCENT = 12;
const LOOK_MS = 500;
/** A broker that takes nothing any more is for the promises to judge. */
const BURST_MS = 5_000;
const LOG_PATIENCE_MS = 10_000;
const READY_MS = 10_000;

/** Plays one round and judges it. Everything that was started is stopped again; the directory stays, for whoever looks. */
export async function playRound(specification: RoundSpecification): Promise<RoundResult> {
  const fault = faultNamed(specification.fault);
  const directory = await createRunDirectory();
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const random = new Random(specification.seed);
    const orders = Orders.create(await directory.folder('orders'));
    const preparation: Preparation = (await fault.prepare?.({ directory, random, orders, partitions: PARTITIONS })) ?? {};
    if (preparation.undo !== undefined) stops.push(preparation.undo);
    const world = await World.start(directory, specification.seed, BAD_PERCENT);
    stops.push(() => world.stop());
    const stack = await startStack(stackOptions(specification, directory, orders, world, preparation));
    stops.push(() => stack.stop());
    return await underLoad({ specification, directory, random, orders, world, stack, stops });
  } finally {
    for (const stop of stops.reverse()) await stop().catch((error: unknown) => console.error(error));
  }
}

function stackOptions(specification: RoundSpecification, directory: RunDirectory, orders: Orders, world: World, preparation: Preparation): Parameters<typeof startStack>[0] {
  const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const { instances } = specification;
  return {
    directory, tenant: TENANT, services: SERVICES, partitions: PARTITIONS, durability: specification.durability,
    instances: { orchestrator: instances, planner: instances, 'tool-adapters': instances },
    application: { agents: here('application/application.ts'), tools: here('application/application.ts'), policies: here('application/policies') },
    ...preparation.stack,
    environment: {
      NODE_OPTIONS: `--import=${new URL('injection/preload.ts', import.meta.url).href}`, HOLDFAST_CHAOS_ORDERS: orders.folder, CHAOS_WORLD_URL: world.url,
      ...(specification.mutation === undefined ? {} : { HOLDFAST_CHAOS_MUTATION: specification.mutation }), ...preparation.environment,
    },
  };
}

interface Round {
  readonly specification: RoundSpecification;
  readonly directory: RunDirectory;
  readonly random: Random;
  readonly orders: Orders;
  readonly world: World;
  readonly stack: Stack;
  readonly stops: (() => Promise<unknown>)[];
}

async function underLoad({ specification, directory, random, orders, world, stack, stops }: Round): Promise<RoundResult> {
  const acknowledged = new Acknowledged();
  const operator = new Gateway(stack.gatewayUrl, stack.apiKeys.operator);
  const plan = [...planWorkload(random, specification.loadSeconds, TASKS_A_SECOND)];
  const senders = await Senders.connect({ brokerUrl: stack.brokerUrl, seed: stack.identities?.publisher.seed, tenant: TENANT, operator, acknowledged });
  stops.push(() => senders.close());
  const people = new People(plan, { operator, approver: new Gateway(stack.gatewayUrl, stack.apiKeys.approver), world, acknowledged });
  people.start();
  stops.push(() => people.goHome());
  const strikes: Strike[] = [];
  let kills = 0;
  const say = (text: string): void => appendFileSync(join(directory.path, 'round.log'), `${new Date().toISOString()} ${text}\n`);
  const bursts: Promise<void>[] = [];
  const scene: Scene = {
    directory, random, orders, stack, say, partitions: PARTITIONS, loadMs: specification.loadSeconds * 1_000,
    strike: (what) => {
      say(what);
      strikes.push({ what, at: Date.now() });
    },
    killed: () => { kills += 1; },
    burst: async (count) => {
      const more = planBurst(`burst-${bursts.length + 1}`, count);
      plan.push(...more);
      const before = acknowledged.count;
      const handingIn = senders.send(more);
      handingIn.catch(() => undefined);
      bursts.push(handingIn);
      for (const deadline = Date.now() + BURST_MS; Date.now() < deadline && acknowledged.count < before + count / 4; ) await sleep(1);
    },
  };
  const sending = senders.send(plan);
  // Heard where it is awaited; the fault may fail first.
  sending.catch(() => undefined);
  await faultNamed(specification.fault).inflict(scene);
  const until = Date.now() + specification.patienceSeconds * 1_000;
  senders.giveUpAt(until);
  await Promise.all([sending, ...bursts]);
  say('all tasks are handed in');
  const bus = await Bus.connect({ url: stack.brokerUrl, role: 'evals', seed: stack.identities?.evals.seed, name: 'chaos' });
  stops.push(() => bus.close());
  const runs = await settledRuns(bus, stack.partitions, plan, acknowledged, until);
  await people.goHome();
  const evidence: Evidence = {
    plan, runs, acknowledgedTasks: acknowledged.tasks, acknowledgedFacts: acknowledged.facts,
    world: await world.audit(), deadLetters: await operator.deadLetters(), unready: await unreadyOf(stack),
  };
  const promises = judge(evidence);
  keepEvidence(directory, evidence, promises);
  const brokenOf = (promise: RegExp): number => promises.filter((entry) => promise.test(entry.promise)).reduce((sum, { broken }) => sum + broken.length, 0);
  return {
    specification, promises, kills, acknowledged: acknowledged.count, lost: brokenOf(/^every acknowledged/), ...totalEffects(evidence.world),
    commits: [...runs.values()].reduce((sum, history) => sum + history.length, 0), recoveries: recoveryTimes(strikes, runs), crashes: stack.crashes,
  };
}

/** Reads the log until everything that was promised shows in it, or patience is at its end. */
async function settledRuns(bus: Bus, partitions: number, plan: Evidence['plan'], acknowledged: Acknowledged, until: number): Promise<Histories> {
  for (;;) {
    const runs = await readHistories(bus, partitions).catch(() => undefined);
    const over = Date.now() > until;
    if (runs !== undefined && (over || rests({ plan, runs, acknowledgedTasks: acknowledged.tasks, acknowledgedFacts: acknowledged.facts }))) return runs;
    if (Date.now() > until + LOG_PATIENCE_MS) throw new HoldfastError({ code: 'chaos.log-unreadable', message: 'The log cannot be read any more.', retryable: false, remedy: `Look at the broker's log.` });
    await sleep(LOOK_MS);
  }
}

/** Services get a moment to come back from whatever struck them last. */
async function unreadyOf(stack: Stack): Promise<readonly string[]> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const answers = await Promise.all(Object.entries(stack.services).map(async ([name, service]) => ({ name, ready: await service.isReady() })));
    const unready = answers.filter(({ ready }) => !ready).map(({ name }) => name);
    if (unready.length === 0 || Date.now() > deadline) return unready;
    await sleep(LOOK_MS);
  }
}

/** For whoever looks into a failed round: what it was judged by. */
function keepEvidence(directory: RunDirectory, evidence: Evidence, promises: readonly Promised[]): void {
  const commits = [...evidence.runs.values()].flat().map((recorded) => JSON.stringify(recorded)).join('\n');
  writeFileSync(join(directory.path, 'commits.jsonl'), commits);
  writeFileSync(join(directory.path, 'judgement.json'), JSON.stringify({ promises, ...evidence, runs: undefined }, null, 1));
}
