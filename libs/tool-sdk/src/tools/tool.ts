import { CALL_IDENTITY, type EffectClass, type ToolContract } from '@holdfast/contracts';
import { compileCheck, type Check } from '@holdfast/json-schema';
import type { CallContext } from './call-context.js';

/** What the system of record says about an operation. */
export type Reconciliation<Result> = { readonly status: 'done'; readonly result: Result } | { readonly status: 'not-done' };

/** What a tool does, whatever it was declared with. The arguments have been checked before. */
export interface ToolCode {
  /** Acts. Throws `ToolError`; must stop when `context.signal` is aborted. The result is checked afterwards. */
  execute(args: Readonly<Record<string, unknown>>, context: CallContext): Promise<unknown>;
  /** Asks the system of record; see `Reconciles`. */
  reconcile?(args: Readonly<Record<string, unknown>>, context: CallContext): Promise<Reconciliation<unknown>>;
}

/**
 * A tool that calls can be executed with: its contract as data, its checks and its code. `defineTool` makes one from zod
 * and TypeScript, {@link toolFromContract} from a contract that was written, or read from a server, as data.
 */
export interface Tool extends ToolCode {
  readonly contract: ToolContract;
  readonly name: string;
  readonly effect: EffectClass;
  readonly checkInput: Check<Record<string, unknown>>;
  readonly checkOutput: Check;
}

/** Makes a tool of a contract as data. Throws `schema.invalid` when one of its schemas cannot be used. */
export function toolFromContract(contract: ToolContract, code: ToolCode): Tool {
  return Object.freeze({
    ...code, contract, name: contract.name, effect: contract.effect,
    checkInput: compileCheck(contract.input, `the input of ${contract.name}`) as Check<Record<string, unknown>>,
    checkOutput: compileCheck(contract.output, `the output of ${contract.name}`),
  });
}

/** The contract of a tool, as the catalog lists it and calls pin it. */
export function contractOf(tool: Pick<Tool, 'contract'>): ToolContract {
  return tool.contract;
}

/** What of a call names its business operation, by the contract's identity. */
export function identityOf({ identity }: ToolContract, args: Readonly<Record<string, unknown>>, call: { readonly runId: string; readonly callId: string }): Readonly<Record<string, unknown>> {
  if (identity.length === 1 && identity[0] === CALL_IDENTITY) return { run: call.runId, call: call.callId };
  return Object.fromEntries(identity.map((name) => [name, args[name]]));
}
