import { CALL_IDENTITY, HoldfastError, toolContract, type ToolContract } from '@holdfast/contracts';
import { z } from 'zod';
import type { ToolDefinition } from './define-tool.js';
import { digestOf } from './digest.js';
import { argumentsOf, defined } from './fields.js';

/** A contract without its digest, as it is written by hand or made from a server's description. */
export type ContractFields = Omit<ToolContract, 'digest'>;

/**
 * Writes a definition down as data. Both schemas become JSON Schema (draft 2020-12): the input as a caller writes it, the
 * output as a reader finds it.
 */
export function contractFrom<Input extends z.ZodObject, Output extends z.ZodType>(definition: ToolDefinition<Input, Output>): ToolContract {
  const { name, outputLabel, input, output, execute: _code, reconcile, ...rest } = definition;
  return sealContract({
    ...rest,
    name,
    adapter: definition.adapter ?? 'default',
    input: jsonSchema(name, input, 'input'),
    output: jsonSchema(name, output, 'output'),
    identity: [...(definition.identity ?? [])],
    roles: { ...definition.roles },
    outputLabel: { ...outputLabel, fields: { ...outputLabel.fields } },
    retry: { ...definition.retry },
    ...(reconcile === undefined ? {} : { reconciles: true }),
  });
}

/**
 * Checks a contract and adds its digest: the SHA-256 of the canonical form of every other field. Throws
 * `tool.definition-invalid`, which names the tool, the field and what is wrong with it.
 */
export function sealContract(given: ContractFields): ToolContract {
  const fields = defined(given);
  const parsed = toolContract.safeParse({ ...fields, digest: digestOf(fields) });
  if (!parsed.success) throw invalid(String(given.name), z.prettifyError(parsed.error));
  const { name, effect, identity, input, reconciles, outputLabel } = parsed.data;
  if (outputLabel.items !== undefined && Object.keys(outputLabel.fields).length > 0) throw invalid(name, '"items" of its outputLabel says that objects carry their own labels, so that "fields" could only make them better');
  if (effect === 'read' && identity.length > 0) throw invalid(name, 'it is a read, which has no operation to name, but "identity" names arguments');
  if (effect !== 'read' && identity.length === 0) throw invalid(name, 'it has effects, but no identity arguments that name the operation');
  if (effect === 'reconcilable' && reconciles !== true) throw invalid(name, 'it is reconcilable, but "reconciles" does not say that the system of record can be asked');
  if ((effect === 'read' || effect === 'at-most-once') && reconciles === true) throw invalid(name, `"reconciles" has no meaning for a tool that is ${effect}`);
  if (identity.includes(CALL_IDENTITY)) {
    if (identity.length > 1) throw invalid(name, `"${CALL_IDENTITY}" stands alone in an identity`);
    return Object.freeze(parsed.data);
  }
  // An identity that may be missing would make different operations one.
  const required = Array.isArray(input['required']) ? (input['required'] as unknown[]) : [];
  for (const argument of identity) {
    if (!required.includes(argument)) throw invalid(name, `the identity argument "${argument}" is not a required argument of the input`);
  }
  return Object.freeze(parsed.data);
}

/**
 * A contract as its server describes it now, to be compared and never executed: it need not be one that could be declared. An
 * argument that the operator has not seen gets the strictest role, and roles of arguments that are gone are dropped, so that
 * every change shows as a difference. Undefined when it is no contract at all, which is as good as gone.
 */
export function describedContract(given: ContractFields): ToolContract | undefined {
  const roles = Object.fromEntries(argumentsOf(given.input).map((name) => [name, given.roles[name] ?? ('sink' as const)]));
  const fields = defined({ ...given, roles });
  const parsed = toolContract.safeParse({ ...fields, digest: digestOf(fields) });
  return parsed.success ? Object.freeze(parsed.data) : undefined;
}

function jsonSchema(name: string, schema: z.ZodType, side: 'input' | 'output'): Record<string, unknown> {
  try {
    return { ...z.toJSONSchema(schema, { io: side }) };
  } catch (cause) {
    throw invalid(name, `its ${side} has no JSON Schema (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  }
}

function invalid(name: string, reason: string, cause?: unknown): HoldfastError {
  return new HoldfastError({ code: 'tool.definition-invalid', message: `The tool "${name}" cannot be declared: ${reason}.`, retryable: false, remedy: 'Correct its declaration or its contract file.', cause });
}
