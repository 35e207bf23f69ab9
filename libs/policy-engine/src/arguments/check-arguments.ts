import { HoldfastError, type ToolContract } from '@holdfast/contracts';
import { compileCheck, type Check } from '@holdfast/json-schema';

/** Says what is wrong with the arguments of a call, each naming its field; an empty list means that they fit. */
export type ArgumentCheck = (args: Readonly<Record<string, unknown>>) => readonly string[];

/** Compiles a contract's input schema. Throws `policy.contract-schema` for a schema that cannot be checked. */
export function compileArgumentCheck(contract: ToolContract): ArgumentCheck {
  let check: Check;
  try {
    check = compileCheck(contract.input, `the input of ${contract.name}`);
  } catch (cause) {
    throw new HoldfastError({
      code: 'policy.contract-schema',
      message: `The input schema of tool "${contract.name}" cannot be checked: ${cause instanceof Error ? cause.message : String(cause)}`,
      retryable: false,
      remedy: 'Write the schema as JSON Schema, draft 2020-12, and register the contract again.',
      cause,
    });
  }
  return (args) => {
    const result = check(args);
    return result.ok ? [] : result.faults.map((fault) => `The arguments do not fit the contract: ${fault}.`);
  };
}
