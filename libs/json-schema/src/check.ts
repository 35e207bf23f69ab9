import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { HoldfastError } from '@holdfast/contracts';
import { pointerParts } from './pointer.js';

/** What a value turned out to be: right, as a copy with the schema's defaults filled in, or wrong, with every fault and its place. */
export type Checked<T = unknown> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly string[] };

/** Judges any value by one schema. */
export type Check<T = unknown> = (value: unknown) => Checked<T>;

const MOST_FAULTS = 20;

/**
 * Compiles a JSON Schema (draft 2020-12; https://json-schema.org/draft/2020-12) into a check. Unknown keywords and
 * formats are annotations, as the specification has it. Nothing is coerced: a number written as text is wrong.
 *
 * Throws `schema.invalid` (not retryable), which names `what` and says what is wrong with the schema.
 */
export function compileCheck(schema: Readonly<Record<string, unknown>>, what: string): Check {
  const ajv = new Ajv2020({ allErrors: true, strict: false, useDefaults: true, validateFormats: true, logger: false });
  formats.default(ajv);
  let validate: ValidateFunction;
  try {
    const { $schema: _dialect, $id: _id, ...rest } = schema;
    validate = ajv.compile(rest);
  } catch (cause) {
    throw new HoldfastError({ code: 'schema.invalid', message: `The schema of ${what} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}.`, retryable: false, remedy: 'Correct the schema; it must be JSON Schema, draft 2020-12.', cause });
  }
  return (given) => {
    const value: unknown = structuredClone(given);
    if (validate(value)) return { ok: true, value };
    return { ok: false, faults: (validate.errors ?? []).slice(0, MOST_FAULTS).map(told) };
  };
}

function told({ instancePath, keyword, params, message }: ErrorObject): string {
  const place = pointerParts(instancePath);
  const { missingProperty, additionalProperty, allowedValues } = params as { missingProperty?: string; additionalProperty?: string; allowedValues?: unknown };
  if (keyword === 'required' && missingProperty !== undefined) return `"${[...place, missingProperty].join('.')}" is missing`;
  if (keyword === 'additionalProperties' && additionalProperty !== undefined) return `"${[...place, additionalProperty].join('.')}" is not known`;
  const what = keyword === 'enum' ? `must be one of ${JSON.stringify(allowedValues)}` : (message ?? keyword);
  return `${place.length === 0 ? 'the whole' : `"${place.join('.')}"`} ${what}`;
}
