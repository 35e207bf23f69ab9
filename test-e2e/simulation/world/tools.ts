import { contractOf, defineTool, type CallContext, type Tool } from '@holdfast/tool-sdk';
import { z } from 'zod';
import type { ToolName } from '../schedule/schedule.ts';
import type { SystemOfRecord } from './system-of-record.ts';

let world: SystemOfRecord | undefined;

/** Tools are declared once for the thread, since that is slow; which world they act on changes with each schedule. */
export function actOn(next: SystemOfRecord): void {
  world = next;
}

function present(): SystemOfRecord {
  if (world === undefined) throw new TypeError('no schedule runs');
  return world;
}

/** Longer than any schedule, so that nothing may be done again in it. */
const RETENTION_MS = 600_000;

const common = {
  input: z.strictObject({ operation: z.string(), amountCents: z.int() }),
  output: z.strictObject({ receipt: z.string() }),
  roles: { operation: 'target', amountCents: 'sink' },
  amountArgument: 'amountCents',
  outputLabel: { trust: 'organisation', secrecy: 'internal' },
  timeoutMs: 1_000,
  retry: { attempts: 3, baseDelayMs: 50, maxDelayMs: 400 },
  concurrency: 8,
} as const;
const execute = (name: ToolName) => ({
  name, description: `Does "${name}".`, execute: (order: z.output<typeof common.input>, context: CallContext) => present().act(name, order, context),
});

export const tools: readonly Tool[] = [
  defineTool({ ...common, ...execute('look'), effect: 'read' }),
  defineTool({ ...common, ...execute('set'), effect: 'idempotent', identity: ['operation'] }),
  defineTool({ ...common, ...execute('pay'), effect: 'keyed', identity: ['operation'], retentionMs: RETENTION_MS }),
  defineTool({ ...common, ...execute('ship'), effect: 'reconcilable', identity: ['operation'], reconcile: (order) => present().ask('ship', order) }),
  defineTool({ ...common, ...execute('wire'), effect: 'at-most-once', identity: ['operation'], retentionMs: RETENTION_MS }),
];

export const contracts = tools.map(contractOf);
