import { CALL_IDENTITY, type ArgumentRole, type Compensation, type Secrecy, type ToolContract, type Trust } from '@holdfast/contracts';
import type { Check } from '@holdfast/json-schema';
import type { z } from 'zod';
import type { CallContext } from './call-context.js';
import { contractFrom } from './contract.js';
import type { Reconciliation, Tool } from './tool.js';

/** The names of a tool's arguments. */
export type ArgumentName<Input extends z.ZodObject> = Extract<keyof z.output<Input>, string>;

export interface OutputLabel {
  readonly trust: Trust;
  readonly secrecy: Secrecy;
  /** Labels of single fields by dotted path; `lines.0` is written `lines.*`. */
  readonly fields?: Readonly<Record<string, { readonly trust?: Trust; readonly secrecy?: Secrecy }>>;
  /** Where objects of the result carry labels of their own; see `toolContract`. */
  readonly items?: string;
}

/** What means the same in every form of a declaration; see the fields of the same names in `toolContract`. */
type ContractOptions = Pick<ToolContract, 'destructive' | 'confined' | 'storesLabels' | 'memoryScopes' | 'deadlineMs' | 'rateLimit' | 'breaker' | 'retentionMs' | 'quarantineAfter'>;

interface CommonDefinition<Input extends z.ZodObject, Output extends z.ZodType> extends ContractOptions {
  readonly name: string;
  /** What the model is told. */
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  /** Every argument must have a role: policy judges by it. */
  readonly roles: Readonly<Record<ArgumentName<Input>, ArgumentRole>>;
  readonly outputLabel: OutputLabel;
  /** The argument that carries an amount in minor units. */
  readonly amountArgument?: ArgumentName<Input>;
  /** The group of workers that executes it; `default` when left out. */
  readonly adapter?: string;
  /** One bound for one attempt, in milliseconds. */
  readonly timeoutMs: number;
  readonly retry: { readonly attempts: number; readonly baseDelayMs: number; readonly maxDelayMs: number };
  /** How many calls one worker makes at once. */
  readonly concurrency: number;
  /** Acts. Throws {@link ToolError}; must stop when `context.signal` is aborted. */
  execute(args: z.output<Input>, context: CallContext): Promise<z.input<Output>>;
  /**
   * What undoes a done operation when its run is aborted: another declared tool, with each of its arguments taken from this
   * call's arguments, from its result, or fixed. It is called like any tool, under a verdict, a permit and the ledger.
   */
  readonly compensate?: Compensation;
}

/** The arguments that name the business operation, at least one; or the call itself, for effects that stay inside its run. */
type Identity<Input extends z.ZodObject> = readonly [ArgumentName<Input>, ...ArgumentName<Input>[]] | readonly [typeof CALL_IDENTITY];

/**
 * Asks the system of record whether the operation happened. It must see every effect whose request has ended, and must
 * throw {@link ToolError} when it cannot tell. Where a system may still act on a request after its caller has gone, an
 * answer "not done" proves nothing, and the tool is `at-most-once`.
 */
interface Reconciles<Input extends z.ZodObject, Output extends z.ZodType> {
  reconcile(args: z.output<Input>, context: CallContext): Promise<Reconciliation<z.input<Output>>>;
}

export type ToolDefinition<Input extends z.ZodObject, Output extends z.ZodType> = CommonDefinition<Input, Output> &
  (
    | { readonly effect: 'read'; readonly identity?: never; readonly reconcile?: never }
    | ({ readonly effect: 'idempotent' | 'keyed'; readonly identity: Identity<Input> } & Partial<Reconciles<Input, Output>>)
    | ({ readonly effect: 'reconcilable'; readonly identity: Identity<Input> } & Reconciles<Input, Output>)
    | { readonly effect: 'at-most-once'; readonly identity: Identity<Input>; readonly reconcile?: never }
  );

/**
 * Declares a tool. The types refuse a tool with effects but without an identity, and a `reconcilable` one that cannot
 * reconcile. Throws `tool.definition-invalid` for what types cannot see: a bad name, limits out of range, a schema that
 * has no JSON Schema, an identity argument that may be left out.
 */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodType>(definition: ToolDefinition<Input, Output>): Tool {
  const contract = contractFrom(definition);
  // The checks below are what makes these arguments the ones that the definition's code was typed for.
  const { execute, reconcile } = definition as unknown as Pick<Tool, 'execute' | 'reconcile'>;
  return Object.freeze({
    contract, name: contract.name, effect: contract.effect, execute, ...(reconcile === undefined ? {} : { reconcile }),
    checkInput: checkOf(definition.input, 'the arguments') as Check<Record<string, unknown>>,
    checkOutput: checkOf(definition.output, 'the whole'),
  });
}

function checkOf(schema: z.ZodType, whole: string): Check {
  return (value) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return { ok: true, value: parsed.data };
    return { ok: false, faults: parsed.error.issues.map((issue) => `${issue.path.length === 0 ? whole : `"${issue.path.join('.')}"`}: ${issue.message}`) };
  };
}
