import { canonicalJson, type ContractDifference, type ToolContract } from '@holdfast/contracts';
import { compareSchemas } from '@holdfast/json-schema';

/** What policy and the ledger rely on: whatever changes in these was decided by nobody who looked. */
const DECISIVE = ['adapter', 'effect', 'identity', 'roles', 'outputLabel', 'amountArgument', 'compensate', 'reconciles', 'destructive', 'confined', 'storesLabels', 'memoryScopes', 'retentionMs'] as const;
/** What changes how calls are made, and not what they mean. The model is shown the accepted description, whatever the server's is now. */
const HARMLESS = ['description', 'timeoutMs', 'retry', 'concurrency', 'deadlineMs', 'rateLimit', 'breaker', 'quarantineAfter'] as const;

/** How a contract differs from the accepted one, in words; empty when it does not. */
export function compareContracts(accepted: ToolContract, present: ToolContract): readonly ContractDifference[] {
  const schemas = (['input', 'output'] as const).flatMap((side) =>
    compareSchemas(accepted[side], present[side], side).map(({ path, text, ...rest }): ContractDifference => ({ ...rest, path: path === '' ? side : `${side}.${path}`, text: text.slice(0, 1_000) })));
  const fields = [...DECISIVE, ...HARMLESS].flatMap((field): readonly ContractDifference[] => {
    const [was, is] = [accepted[field], present[field]];
    if (canonicalJson(was ?? null) === canonicalJson(is ?? null)) return [];
    return [{ path: field, kind: 'changed', breaking: (DECISIVE as readonly string[]).includes(field), text: `"${field}" was ${shown(was)} and is ${shown(is)}.` }];
  });
  return [...schemas, ...fields];
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'not set';
  return text.length <= 300 ? text : `${text.slice(0, 299)}…`;
}
