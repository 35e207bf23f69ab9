import { z } from 'zod';
import { toolContract } from './catalog.js';
import { adapterName, runId, tenantId, toolName } from './identifiers.js';
import { reading } from './labels.js';
import { memoryScopes } from './memory.js';

/**
 * The wire contract of workers in other languages: core NATS request-reply, JSON in both directions. Ledger, permits, retries
 * and deadlines stay with the tool adapter that asks; a worker makes one attempt and says truthfully what it knows.
 */
export const workerRequest = z.strictObject({
  tool: toolName,
  arguments: z.record(z.string(), z.unknown()).meta({ description: 'Checked against the input schema of the contract.' }),
  operationKey: z.string().optional().meta({ description: 'The key of the business operation, the same in every attempt and every run; absent for reads. To be handed on to whatever can use one.' }),
  attempt: z.number().int().min(1).meta({ description: 'From 1.' }),
  timeoutMs: z.number().int().min(1).meta({ description: 'Milliseconds from now after which nobody listens to the answer. What is not begun by then must not be begun.' }),
  tenant: tenantId,
  run: runId,
  call: z.string().min(1).max(64),
  worth: reading.optional().meta({ description: 'Of a contract with `storesLabels`: the label that what is written is to be stored with. Without it nothing may be stored.' }),
  memoryScopes: memoryScopes.optional().meta({ description: 'Of a contract with `memoryScopes`: where in memory this call may work. It may work nowhere else, and nowhere without it.' }),
});
export type WorkerRequest = z.infer<typeof workerRequest>;

const failed = z.strictObject({
  status: z.literal('failed'),
  kind: z.enum(['not-done', 'unknown', 'refused', 'done']).meta({ description: '`not-done`: certainly nothing happened, and another attempt may help. `unknown`: it may have happened. `refused`: certainly nothing happened, and the same request will be refused again. `done`: it happened, but has no usable result.' }),
  code: z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$/).max(100).optional().meta({ description: 'Stable, dotted, lower-case; for people and programs.' }),
  message: z.string().min(1).max(4_000),
  remedy: z.string().max(1_000).optional().meta({ description: 'What the reader should do next.' }),
  retryAfterMs: z.number().int().min(0).max(86_400_000).optional().meta({ description: 'The earliest moment at which trying again makes sense, in milliseconds from now.' }),
});

/** The answer to `execute`. */
export const workerExecuted = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('succeeded'), result: z.unknown().meta({ description: 'Checked against the output schema of the contract.' }) }),
  failed,
]);
export type WorkerExecuted = z.infer<typeof workerExecuted>;

/** The answer to `reconcile`: what the system of record says about the operation. */
export const workerReconciled = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('done'), result: z.unknown() }),
  z.strictObject({ status: z.literal('not-done') }),
  failed,
]);
export type WorkerReconciled = z.infer<typeof workerReconciled>;

/** The question to `describe`, and its answer: contracts as in a contract file, without digests. */
export const workerDescribe = z.strictObject({ adapter: adapterName });
export const workerDescription = z.strictObject({ tools: z.array(toolContract.omit({ digest: true })).max(1_000) });
export type WorkerDescription = z.infer<typeof workerDescription>;
