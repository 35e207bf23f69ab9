import { afterEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunEvent, RunEventOf } from '@holdfast/contracts';
import { REPOSITORY, createRunDirectory, startStack, type Stack } from '@holdfast/deploy';
import { GatewayClient } from '@holdfast/example-accounts-payable';
import { TASK_TYPE, TOOL_OF, type Script, type ScriptedCall } from '../faults/application/scripts.ts';
import { Gateway } from '../faults/workload/gateway.ts';
import { World } from '../faults/world/world.ts';
import { until } from './installation.fixture.js';

const OPERATIONS = 20;
const CALLS_A_STEP = 5;
/** So many runs also ask for one more payment: half of them with one amount, half with another. */
const QUARRELLING = 20;
const DISPUTED = 'disputed';
const PATIENCE_MS = 120_000;

/** Mails, whose service knows no keys and makes each request an effect; and payments, whose service honours the key. */
const operations = Array.from({ length: OPERATIONS }, (_, index): ScriptedCall => ({ tool: index % 2 === 0 ? TOOL_OF.reconcilable : TOOL_OF.keyed, operation: `operation-${index}`, amount: 100 + index }));

/** Every run asks for all of them, each beginning with another. */
function scriptOf(run: number): Script {
  const turned = [...operations.slice(run % OPERATIONS), ...operations.slice(0, run % OPERATIONS)];
  const steps = Array.from({ length: OPERATIONS / CALLS_A_STEP }, (_, step) => turned.slice(step * CALLS_A_STEP, (step + 1) * CALLS_A_STEP));
  return run < QUARRELLING ? [...steps, [{ tool: TOOL_OF.keyed, operation: DISPUTED, amount: run % 2 === 0 ? 7 : 8 }]] : steps;
}

interface Asked {
  readonly runId: string;
  readonly operation: string;
  readonly amount: unknown;
  readonly outcome: RunEventOf<'tool-returned'>['outcome'];
}

interface Played {
  /** Effects by operation, as the service counted them in its own database. */
  readonly effects: ReadonlyMap<string, number>;
  readonly asked: readonly Asked[];
}

const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** So many runs, handed in together through the gateway and executed by two adapters, and what came of it. */
async function play(runs: number, without?: 'ledger'): Promise<Played> {
  const directory = await createRunDirectory();
  stops.push(() => directory.remove());
  const world = await World.start(directory, 1, 0);
  stops.push(() => world.stop());
  const application = join(REPOSITORY, 'test-e2e', 'faults', 'application', 'application.ts');
  const preload = pathToFileURL(join(REPOSITORY, 'test-e2e', 'effects', 'injection', 'preload.ts')).href;
  const stack = await startStack({
    directory, tenant: 'acme', partitions: 4, services: ['gateway', 'orchestrator', 'planner', 'policy', 'tool-adapters'], instances: { 'tool-adapters': 2 },
    application: { agents: application, tools: application, policies: join(REPOSITORY, 'test-e2e', 'faults', 'application', 'policies') },
    environment: { CHAOS_WORLD_URL: world.url, ...(without === undefined ? {} : { NODE_OPTIONS: `--import=${preload}`, HOLDFAST_MATRIX_STRIKES: await directory.folder('strikes'), HOLDFAST_MATRIX_WITHOUT: without }) },
  });
  stops.push(() => stack.stop());
  const runIds = await Promise.all(Array.from({ length: runs }, (_, run) => handIn(stack, run)));
  const effectsMade = async (): Promise<ReadonlyMap<string, number>> => new Map((await world.audit()).map(({ operation, effects }) => [operation, effects]));
  if (without !== undefined) {
    // What becomes of runs whose ledger lies to them is anybody's guess; only what they did is asked.
    const effects = await until('an effect that is made twice', async () => {
      const made = await effectsMade();
      return [...made.values()].some((count) => count > 1) ? made : undefined;
    }, PATIENCE_MS);
    return { effects, asked: [] };
  }
  const client = new GatewayClient(stack.gatewayUrl, stack.apiKeys.operator);
  await until(`the end of ${runs} runs`, async () => {
    const ended = (await client.runs()).filter(({ status }) => status === 'completed');
    return ended.length === runs ? ended : undefined;
  }, PATIENCE_MS);
  const asked: Asked[] = [];
  for (const runId of runIds) asked.push(...askedIn(runId, (await client.events(runId)).events.map(({ event }) => event as unknown as RunEvent)));
  return { effects: await effectsMade(), asked };
}

async function handIn(stack: Stack, run: number): Promise<string> {
  const gateway = new Gateway(stack.gatewayUrl, stack.apiKeys.operator);
  const event = { specversion: '1.0', id: `run-${run}`, source: '/scenario', type: TASK_TYPE, data: { goal: `run ${run}`, script: scriptOf(run) } };
  return until(`the gateway to take run ${run}`, async () => {
    const { status, body } = await gateway.post('/v1/tasks', event, { 'content-type': 'application/cloudevents+json' });
    return status === 202 ? String(body['runId']) : undefined;
  });
}

function askedIn(runId: string, events: readonly RunEvent[]): readonly Asked[] {
  const called = new Map(events.flatMap((event) => (event.type === 'tool-called' ? [[event.callId, event.arguments]] : [])));
  return events.flatMap((event) => {
    const { operation, amount } = (event.type === 'tool-returned' ? called.get(event.callId) : undefined) ?? {};
    return event.type === 'tool-returned' ? [{ runId, operation: String(operation), amount, outcome: event.outcome }] : [];
  });
}

describe('two hundred runs that ask for the same twenty operations at the same time', () => {
  it('have twenty effects, and all are given the one outcome of each', async () => {
    const RUNS = 200;
    const { effects, asked } = await play(RUNS);

    expect(Object.fromEntries(effects)).toEqual({ ...Object.fromEntries(operations.map(({ operation }) => [operation, 1])), [DISPUTED]: 1 });
    for (const { operation } of operations) {
      const outcomes = asked.filter((one) => one.operation === operation).map(({ outcome }) => outcome);
      expect(outcomes.map((outcome) => (outcome.status === 'succeeded' ? outcome.result : outcome))).toEqual(Array.from({ length: RUNS }, () => ({ operation })));
      expect(outcomes.filter((outcome) => outcome.status === 'succeeded' && !outcome.replayed)).toHaveLength(1);
    }

    const disputed = asked.filter(({ operation }) => operation === DISPUTED);
    const served = disputed.filter(({ outcome }) => outcome.status === 'succeeded');
    const refused = disputed.filter(({ outcome }) => outcome.status === 'failed');
    expect([served.length, refused.length]).toEqual([QUARRELLING / 2, QUARRELLING / 2]);
    expect(new Set(served.map(({ amount }) => amount)).size).toBe(1);
    for (const { runId, outcome } of refused) {
      const message = outcome.status === 'failed' && outcome.failure.code === 'effect.conflict' ? outcome.failure.message : '';
      const [, own, other] = /^Call \S+ of run (\S+) asks pay for operation "disputed" with other arguments than call \S+ of run (\S+), .* They differ in "amount"\./.exec(message) ?? [];
      expect(own).toBe(runId);
      expect(served.map((one) => one.runId)).toContain(other);
    }
  });

  it('would have more without the ledger, so the test above can fail', async () => {
    const { effects } = await play(10, 'ledger');

    expect([...effects.values()].filter((count) => count > 1).length).toBeGreaterThan(0);
  });
});
