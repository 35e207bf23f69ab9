import { hash } from 'node:crypto';
import { HoldfastError, canonicalJson, type Digest, type EffectRecord } from '@holdfast/contracts';
import { clip } from '../execution/outcomes.js';
import type { Operation } from './operation.js';

const LONGEST_VALUE = 100;

/**
 * The first 16 hexadecimal digits of the SHA-256 of operation, argument and value, so that equal values look equal only
 * where they are the same argument of the same operation.
 */
export function argumentDigestsOf(operationKey: Digest, args: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined).map(([name, value]) => [name, hash('sha256', canonicalJson([operationKey, name, value])).slice(0, 16)]));
}

/**
 * The same operation with other arguments cannot be answered by this record, nor may it be done besides. Throws
 * `effect.conflict` (not retryable), which is what HTTP status 422 is in the Idempotency-Key draft: it names the
 * operation, both who asked, and the arguments in which they differ, but nothing that the other one said.
 */
export function refuseOtherArguments(record: EffectRecord, operation: Operation): void {
  if (record.argumentsDigest === operation.argumentsDigest) return;
  const identity = Object.entries(operation.identity).map(([name, value]) => `${name} ${clip(JSON.stringify(value) ?? 'null', LONGEST_VALUE)}`).join(', ');
  const differing = differingArguments(record.argumentDigests, operation.argumentDigests);
  const where = differing.length === 0 ? '' : ` They differ in ${differing.map((name) => `"${name}"`).join(', ')}.`;
  throw new HoldfastError({
    code: 'effect.conflict',
    message: `Call ${operation.callId} of run ${operation.runId} asks ${operation.tool} for ${identity} with other arguments than call ${record.callId} of run ${record.run}, which asked for the same operation before.${where} Nothing was done for the later call.`,
    retryable: false,
    remedy: `If the same operation is meant, ask with the arguments of the earlier call to be given its outcome. If it is another operation, ask for it by another ${Object.keys(operation.identity).join(', ')}.`,
  });
}

function differingArguments(theirs: Readonly<Record<string, string>> = {}, ours: Readonly<Record<string, string>> = {}): readonly string[] {
  // A record of an earlier release says nothing of single arguments, which must not look as if it had none.
  if (Object.keys(theirs).length === 0 || Object.keys(ours).length === 0) return [];
  return [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].filter((name) => theirs[name] !== ours[name]).sort();
}
