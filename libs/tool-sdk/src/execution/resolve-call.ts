import { HoldfastError, type Digest, type ToolOutcome } from '@holdfast/contracts';
import type { ResolveAnswer, Resolution } from '../ledger/resolution.js';
import type { ExecutionMeans, ToolCall } from './call.js';
import { systemClock } from './clock.js';
import { operationOf } from './mutation.js';
import { failed, succeeded } from './outcomes.js';

/** How long somebody who does the operation meanwhile is waited for, beyond one attempt, in milliseconds. */
const PATIENCE_MS = 5_000;

/** A person's word about a call that ended in doubt; key and claim are those that its outcome names. */
export interface DoubtWord {
  readonly resolution: Resolution;
  readonly by: string;
  readonly operationKey: Digest | undefined;
  readonly claim: number | undefined;
}

/**
 * Brings a person's word about a call in doubt into the ledger; see `Ledger.resolve`. A result that does not follow the
 * tool's contract is not taken: the call stays in doubt, and says why. Throws like {@link executeCall}.
 */
export async function resolveCall(call: ToolCall, { resolution, by, operationKey, claim }: DoubtWord, means: Pick<ExecutionMeans, 'ledger' | 'clock' | 'signal'>): Promise<ResolveAnswer> {
  const { tool, args } = call;
  // The contract may have changed since: then the operation is still the one that the outcome names.
  const parsed = tool.checkInput(args);
  const own = operationOf(call, parsed.ok ? parsed.value : (args as Readonly<Record<string, unknown>>));
  const operation = { ...own, operationKey: operationKey ?? own.operationKey };
  let word = resolution;
  if (resolution.kind === 'happened') {
    const outcome = succeeded(tool, resolution.result, []);
    if (outcome.status !== 'succeeded') return { status: 'settled', outcome: unusable(call, by, outcome, { operationKey: operation.operationKey, claim }) };
    word = { kind: 'happened', result: outcome.result };
  }
  const waitUntil = (means.clock ?? systemClock).now() + operation.attemptMs + PATIENCE_MS;
  try {
    return await means.ledger.resolve(operation, word, { by, claim, waitUntil, signal: means.signal });
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'effect.conflict') return { status: 'settled', outcome: failed(error) };
    throw error;
  }
}

function unusable({ tool }: ToolCall, by: string, outcome: Exclude<ToolOutcome, { status: 'succeeded' }>, doubt: { readonly operationKey: Digest; readonly claim: number | undefined }): ToolOutcome {
  const failure = { code: 'tool.in-doubt', message: `${by} said that ${tool.name} took effect, but the result that was given cannot be used. ${outcome.failure.message}`, retryable: false, remedy: 'Say again what became of it, with a result that follows the contract.' };
  return { status: 'in-doubt', failure, attempts: [], operationKey: doubt.operationKey, ...(doubt.claim === undefined ? {} : { claim: doubt.claim }) };
}
