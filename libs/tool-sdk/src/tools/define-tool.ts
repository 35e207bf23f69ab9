import type { ArgumentRole, Compensation, EffectClass, Secrecy, ToolContract, Trust } from '@holdfast/contracts';
import type { z } from 'zod';
import type { CallContext } from './call-context.js';
import { buildContract } from './contract.js';

/** The names of a tool's arguments. */
export type ArgumentName<Input extends z.ZodObject> = Extract<keyof z.output<Input>, string>;

export interface OutputLabel {
  readonly trust: Trust;
  readonly secrecy: Secrecy;
  /** Labels of single fields by dotted path; `lines.0` is written `lines.*`. */
  readonly fields?: Readonly<Record<string, { readonly trust?: Trust; readonly secrecy?: Secrecy }>>;
}

/** What the system of record says about an operation. */
export type Reconciliation<Result> = { readonly status: 'done'; readonly result: Result } | { readonly status: 'not-done' };

interface CommonDefinition<Input extends z.ZodObject, Output extends z.ZodType> {
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

/** The arguments that name the business operation: at least one. */
type Identity<Input extends z.ZodObject> = readonly [ArgumentName<Input>, ...ArgumentName<Input>[]];

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

/** A declared tool: its code, and its contract as data. */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodType = z.ZodType> extends CommonDefinition<Input, Output>, Partial<Reconciles<Input, Output>> {
  readonly effect: EffectClass;
  readonly identity: readonly ArgumentName<Input>[];
  readonly adapter: string;
  readonly contract: ToolContract;
}

/**
 * Declares a tool. The types refuse a tool with effects but without an identity, and a `reconcilable` one that cannot
 * reconcile. Throws `tool.definition-invalid` for what types cannot see: a bad name, limits out of range, a schema that
 * has no JSON Schema, an identity argument that may be left out.
 */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodType>(definition: ToolDefinition<Input, Output>): Tool<Input, Output> {
  const complete = { ...definition, identity: definition.identity ?? [], adapter: definition.adapter ?? 'default' };
  return Object.freeze({ ...complete, contract: buildContract(complete) });
}

/** The contract of a tool, as the catalog lists it and calls pin it. */
export function contractOf(tool: Tool): ToolContract {
  return tool.contract;
}
