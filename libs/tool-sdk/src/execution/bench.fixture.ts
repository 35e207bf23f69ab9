import { jest } from '@jest/globals';
import type { ToolOutcome } from '@holdfast/contracts';
import { z } from 'zod';
import { InMemoryEffectStore } from '../ledger/memory-effect-store.js';
import { Ledger } from '../ledger/ledger.js';
import { defineTool } from '../tools/define-tool.js';
import type { Tool } from '../tools/tool.js';
import { ToolError } from '../tools/tool-error.js';
import { executeCall } from './execute-call.js';
import type { Failpoints } from './failpoints.js';
import { ToolGuards, type GuardSettings } from '../guards/tool-guards.js';

export type Execute = (args: { readonly reference: string }, context: { readonly signal: AbortSignal; readonly attempt: number; readonly operationKey?: string }) => Promise<unknown>;

export const common = {
  name: 'transfer', description: 'Transfers.', input: z.strictObject({ reference: z.string(), amountCents: z.int().positive() }), output: z.unknown(),
  roles: { reference: 'target', amountCents: 'sink' }, outputLabel: { trust: 'organisation', secrecy: 'internal' },
  timeoutMs: 1_000, retry: { attempts: 4, baseDelayMs: 100, maxDelayMs: 400 }, concurrency: 2,
} as const;

export const keyed = (execute: Execute): Tool => defineTool({ ...common, effect: 'keyed', identity: ['reference'], execute });
export const reading = (execute: Execute): Tool => defineTool({ ...common, effect: 'read', execute });
export const atMostOnce = (execute: Execute): Tool => defineTool({ ...common, effect: 'at-most-once', identity: ['reference'], execute });

/** One worker on the virtual clock: `run` lets a call come to its end. */
export class Bench {
  readonly store = new InMemoryEffectStore();
  readonly guards: ToolGuards;
  readonly ledger = new Ledger({ store: this.store, owner: 'worker', random: () => 0.5 });
  constructor(settings: GuardSettings = {}) {
    this.guards = new ToolGuards({ failuresToOpen: 1_000, ...settings });
  }
  async run(tool: Tool, more: { args?: unknown; callId?: string; random?: () => number; signal?: AbortSignal; failpoints?: Failpoints } = {}): Promise<ToolOutcome> {
    let ended = false;
    const outcome = executeCall(
      { tool, args: more.args ?? { reference: 'r-7', amountCents: 5 }, tenant: 'acme', runId: 'run-1', callId: more.callId ?? 'c1-1' },
      { ledger: this.ledger, guards: this.guards, random: more.random ?? (() => 0.5), signal: more.signal, failpoints: more.failpoints },
    );
    void outcome.then(() => (ended = true), () => (ended = true));
    for (let passed = 0; passed < 30_000 && !ended; passed += 10) await jest.advanceTimersByTimeAsync(10);
    return outcome;
  }
}

export const busy = (retryAfterMs?: number): ToolError => ToolError.notDone({ message: 'Busy.', retryAfterMs });
export const lost = (): ToolError => ToolError.unknown({ message: 'No answer.' });
