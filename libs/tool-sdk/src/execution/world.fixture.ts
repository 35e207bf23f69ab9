import type { EffectClass, ToolOutcome } from '@holdfast/contracts';
import { z } from 'zod';
import type { EffectStore } from '../ledger/effect-store.js';
import { Ledger, type LedgerPort } from '../ledger/ledger.js';
import type { Operation } from '../ledger/operation.js';
import type { ResolveAnswer, Resolution } from '../ledger/resolution.js';
import { InMemoryEffectStore } from '../ledger/memory-effect-store.js';
import { defineTool } from '../tools/define-tool.js';
import type { Tool } from '../tools/tool.js';
import { ToolError } from '../tools/tool-error.js';
import type { ToolCall } from './call.js';
import { executeCall } from './execute-call.js';
import { resolveCall } from './resolve-call.js';
import type { Failpoint } from './failpoints.js';
import { ToolGuards } from '../guards/tool-guards.js';

/** When a worker dies: at one of the executor's failpoints, or in the middle of its request to the world. */
export type Death = Failpoint | 'after-request' | 'before-answer';

export const forEver = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** The outside world, with its own record of what was done to it. It knows nothing of ledgers and claims. */
export class World {
  readonly store = new InMemoryEffectStore();
  requests = 0;
  /** How often it was changed: what an auditor would count. */
  effects = 0;
  private readonly doneKeys = new Set<string>();

  /** The class may change while a call is in doubt, as a contract can. */
  constructor(public effect: EffectClass) {}

  async serve(key: string | undefined, worker: Worker): Promise<{ readonly number: number }> {
    this.requests += 1;
    if (worker.death === 'after-request') return worker.die();
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (worker.dead) return forEver();
    const dedups = this.effect === 'keyed' || this.effect === 'idempotent';
    if (!(dedups && key !== undefined && this.doneKeys.has(key))) this.effects += 1;
    if (key !== undefined) this.doneKeys.add(key);
    if (worker.death === 'before-answer') return worker.die();
    return { number: this.effects };
  }

  toolOf(worker: Worker): Tool {
    const common = {
      name: 'transfer',
      description: 'Transfers.',
      input: z.strictObject({ reference: z.string(), amountCents: z.int() }),
      output: z.strictObject({ number: z.number() }),
      roles: { reference: 'target', amountCents: 'sink' },
      outputLabel: { trust: 'organisation', secrecy: 'internal' },
      timeoutMs: 1_000,
      retry: { attempts: 3, baseDelayMs: 10, maxDelayMs: 100 },
      concurrency: 4,
      execute: (_args: unknown, context: { readonly operationKey?: string }) => this.serve(context.operationKey, worker),
    } as const;
    const identity = ['reference'] as const;
    if (this.effect === 'read') return defineTool({ ...common, effect: 'read' });
    if (this.effect !== 'reconcilable') return defineTool({ ...common, effect: this.effect, identity });
    return defineTool({ ...common, effect: 'reconcilable', identity, reconcile: () => Promise.resolve(this.effects > 0 ? { status: 'done', result: { number: this.effects } } as const : { status: 'not-done' } as const) });
  }
}

interface Asked {
  readonly callId?: string;
  readonly runId?: string;
  readonly amountCents?: number;
  readonly dispatch?: number;
}

/** One worker process. When it has died, it never again reaches the world or the store, like a killed process. */
export class Worker {
  dead = false;
  readonly guards = new ToolGuards();
  private readonly ledger: LedgerPort;

  constructor(private readonly world: World, readonly name: string, readonly death?: Death, ledger?: LedgerPort) {
    const store: EffectStore = {
      last: (subject) => (this.dead ? forEver() : world.store.last(subject)),
      append: (...given) => (this.dead ? forEver() : world.store.append(...given)),
    };
    this.ledger = ledger ?? new Ledger({ store, owner: name, random: () => 0.5 });
  }

  die<T>(): Promise<T> {
    this.dead = true;
    return forEver();
  }

  execute(call: Asked & { readonly redelivered?: boolean; readonly forbidden?: ToolError } = {}): Promise<ToolOutcome> {
    return executeCall(
      { ...this.callOf(call), redelivered: call.redelivered, forbidden: call.forbidden },
      { ledger: this.ledger, guards: this.guards, random: () => 0.5, failpoints: { hit: (name) => (name === this.death ? this.die() : undefined) } },
    );
  }

  /** Brings a person's word about a call that ended with this outcome. */
  resolve(doubt: ToolOutcome, resolution: Resolution, call: Asked = {}): Promise<ResolveAnswer> {
    const { operationKey, claim } = doubt.status === 'in-doubt' ? doubt : {};
    return resolveCall(this.callOf({ dispatch: 2, ...call }), { resolution, by: 'otto', operationKey, claim }, { ledger: this.ledger });
  }

  private callOf({ callId = 'c1-1', runId = 'run-1', amountCents = 100, dispatch = 1 }: Asked): ToolCall {
    return { tool: this.world.toolOf(this), args: { reference: 'invoice-7', amountCents }, tenant: 'acme', runId, callId, dispatch };
  }
}

/** A ledger that lets everybody act and remembers nothing: what the real one must be told apart from. */
export const noLedger: LedgerPort = {
  claim: (operation: Operation) => {
    const { operationKey, tool, identity, argumentsDigest, runId: run, callId } = operation;
    const record = { kind: 'claim', operationKey, tool, identity, argumentsDigest, run, callId, owner: 'nobody', epoch: 1, at: Date.now() } as const;
    return Promise.resolve({ status: 'granted', claim: { operation, record, sequence: 1, inherited: false, retried: false } });
  },
  renew: (claim) => Promise.resolve(claim),
  mayAct: () => true,
  record: () => Promise.resolve('recorded'),
  release: () => undefined,
  knows: () => Promise.resolve(false),
  resolve: () => Promise.resolve({ status: 'free' }),
};
