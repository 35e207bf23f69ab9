import { HoldfastError, type ToolContract } from '@holdfast/contracts';
import { z } from 'zod';

/** Says what is wrong with the arguments of a call, each naming its field; an empty list means that they fit. */
export type ArgumentCheck = (args: Readonly<Record<string, unknown>>) => readonly string[];

/** Compiles a contract's input schema. Throws `policy.contract-schema` for a schema that cannot be checked. */
export function compileArgumentCheck(contract: ToolContract): ArgumentCheck {
  let schema: z.ZodType;
  try {
    schema = z.fromJSONSchema(contract.input as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (cause) {
    throw new HoldfastError({
      code: 'policy.contract-schema',
      message: `The input schema of tool "${contract.name}" cannot be checked: ${cause instanceof Error ? cause.message : String(cause)}`,
      retryable: false,
      remedy: 'Write the schema with the keywords of JSON Schema that zod reads, and register the contract again.',
      cause,
    });
  }
  return (args) => {
    const result = schema.safeParse(args);
    return result.success ? [] : result.error.issues.map((issue) => `The argument "${fieldOf(issue)}" does not fit the contract: ${issue.message}.`);
  };
}

function fieldOf(issue: z.core.$ZodIssue): string {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  return path.length === 0 ? '(all)' : path.map(String).join('.');
}
