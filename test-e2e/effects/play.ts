import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startStack, type RunDirectory, type Stack } from '@holdfast/deploy';
import { TASK_TYPE, TOOL_OF } from '../faults/application/scripts.ts';
import { Gateway } from '../faults/workload/gateway.ts';
import { Strikes } from './injection/strikes.ts';
import type { Round, Seen } from './plan.ts';
import { Service } from './service/service.ts';

const ADAPTERS = 3;
const LOOK_MS = 40;
/** A round that takes longer hangs, and that is a broken promise. */
const PATIENCE_MS = 120_000;
/** A strike shows this long after the runs have settled, or it was not made. */
const LATE_STRIKE_MS = 1_000;
/** What a worker that wakes up late may still try is over by then. */
const WOKEN_MS = 300;
const KIND_OF = { read: 'records', idempotent: 'records', keyed: 'payments', reconcilable: 'mails', 'at-most-once': 'sirens' } as const;

interface Told {
  readonly status: string;
  readonly stepsTaken: readonly { readonly calls: readonly { readonly status: string; readonly failure?: string }[] }[];
}

/** An installation on which rounds are played, several at a time. */
export class Arena {
  private readonly stack: Stack;
  private readonly service: Service;
  private readonly strikes: Strikes;
  private readonly gateway: Gateway;

  private constructor(parts: { readonly stack: Stack; readonly service: Service; readonly strikes: Strikes; readonly gateway: Gateway }) {
    this.stack = parts.stack;
    this.service = parts.service;
    this.strikes = parts.strikes;
    this.gateway = parts.gateway;
  }

  static async open(directory: RunDirectory, without: string | undefined): Promise<Arena> {
    const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
    const strikes = Strikes.create(await directory.folder('strikes'));
    const service = await Service.start(directory);
    try {
      const stack = await startStack({
        directory, tenant: 'acme', partitions: 4, services: ['gateway', 'orchestrator', 'planner', 'policy', 'tool-adapters'], instances: { 'tool-adapters': ADAPTERS },
        application: { agents: here('../faults/application/application.ts'), tools: here('../faults/application/application.ts'), policies: here('../faults/application/policies') },
        environment: {
          NODE_OPTIONS: `--import=${new URL('injection/preload.ts', import.meta.url).href}`, HOLDFAST_MATRIX_STRIKES: strikes.folder, CHAOS_WORLD_URL: service.url,
          ...(without === undefined ? {} : { HOLDFAST_MATRIX_WITHOUT: without }),
        },
      });
      return new Arena({ stack, service, strikes, gateway: new Gateway(stack.gatewayUrl, stack.apiKeys.operator) });
    } catch (error) {
      await service.stop();
      throw error;
    }
  }

  /** Processes that ended: each kill is one, and a number beyond that is a defect. */
  get deaths(): number {
    return this.stack.crashes.length;
  }

  async play(round: Round): Promise<Seen> {
    const { effect, moment, operation } = round;
    if (moment === 'request-sent' || moment === 'after-effect') await this.service.trap(round);
    else if (moment !== 'two-at-once') this.strikes.arm(moment, operation);
    const tasks = moment === 'two-at-once' ? ['a', 'b'] : ['a'];
    const runs = await Promise.all(tasks.map((task) => this.handIn(`${operation}.${task}`, effect, operation)));
    const until = Date.now() + PATIENCE_MS;
    const calls = await Promise.all(runs.map((run) => this.callOf(run, until)));
    const struck = await this.isStruck(round, Date.now() + LATE_STRIKE_MS);
    if (moment === 'zombie') await this.wake(operation);
    const effects = await this.effectsOf(round);
    if (!calls.includes('in-doubt')) return { calls, effects, struck };
    return { calls, effects, struck, resolved: await this.resolve(round, runs, until) };
  }

  async close(): Promise<void> {
    await this.stack.stop();
    await this.service.stop();
  }

  private async handIn(id: string, effect: Round['effect'], operation: string): Promise<string> {
    const event = { specversion: '1.0', id, source: '/matrix', type: TASK_TYPE, data: { goal: id, script: [[{ tool: TOOL_OF[effect], operation, amount: 1 }]] } };
    for (;;) {
      const { status, body } = await this.gateway.post('/v1/tasks', event, { 'content-type': 'application/cloudevents+json' });
      if (status === 202) return String(body['runId']);
      await sleep(LOOK_MS);
    }
  }

  /** How the run's one call stands once its run has ended or is in doubt. */
  private async callOf(run: string, until: number): Promise<Seen['calls'][number]> {
    for (;;) {
      const { status, body } = await this.gateway.get(`/v1/runs/${run}`);
      const told = body as unknown as Told;
      const call = status === 200 ? told.stepsTaken[0]?.calls[0]?.status : undefined;
      if (call === 'in-doubt') return call;
      if (status === 200 && (told.status === 'completed' || told.status === 'failed')) return call === 'succeeded' ? call : 'failed';
      if (Date.now() > until) return 'unsettled';
      await sleep(LOOK_MS);
    }
  }

  /**
   * The report is answered before the worker is killed, so the run may end first. Nobody is struck where a neighbour's kill
   * took the same worker before it got there.
   */
  private async isStruck({ moment, operation }: Round, until: number): Promise<boolean> {
    for (;;) {
      if (moment === 'two-at-once') return true;
      const struck = moment === 'request-sent' || moment === 'after-effect' ? await this.service.hasSprung(operation) : this.strikes.victim(moment, operation) !== undefined;
      if (struck || Date.now() > until) return struck;
      await sleep(LOOK_MS);
    }
  }

  private async effectsOf({ effect, operation }: Round): Promise<number> {
    const kind = KIND_OF[effect];
    return (await this.service.audit()).find((row) => row.kind === kind && row.operation === operation)?.effects ?? 0;
  }

  /**
   * A person looks the operation up at the service: either it happened, or it is tried again. What is tried again may come
   * into doubt again, as when the strike comes only then.
   */
  private async resolve(round: Round, runs: readonly string[], until: number): Promise<NonNullable<Seen['resolved']>> {
    for (;;) {
      const doubted = (await this.gateway.doubts()).find((one) => one.arguments.operation === round.operation);
      if (doubted !== undefined) {
        const happened = (await this.effectsOf(round)) > 0;
        await this.gateway.post(`/v1/in-doubt/${doubted.operation}`, happened ? { resolution: 'happened', result: { operation: round.operation } } : { resolution: 'retry' });
        await sleep(LOOK_MS);
      }
      const calls = await Promise.all(runs.map((run) => this.callOf(run, until)));
      if (!calls.includes('in-doubt') || Date.now() > until) return { calls, effects: await this.effectsOf(round) };
    }
  }

  private async wake(operation: string): Promise<void> {
    const victim = this.strikes.victim('zombie', operation);
    if (victim === undefined) return;
    try {
      kill(victim, 'SIGCONT');
    } catch {
      // A neighbour's round killed it while it was paused.
      return;
    }
    await sleep(WOKEN_MS);
  }
}
