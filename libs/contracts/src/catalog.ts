import { z } from 'zod';
import { canonicalJson } from './canonical.js';
import { adapterName, digest, toolName } from './identifiers.js';
import { secrecy, trust } from './labels.js';
import { memoryScopes, sharedScopes } from './memory.js';
import { modelParameters } from './proposal.js';
import { RUNTIME_ADAPTER, RUNTIME_TOOLS, RUNTIME_TOOL_PREFIX } from './runtime-tools.js';

const jsonSchema = z.record(z.string(), z.unknown());

/**
 * What a lost answer means: `read` and `idempotent` are retried, `keyed` is retried with the same operation key,
 * `reconcilable` asks the system of record whether it happened, `at-most-once` is never retried and goes in doubt.
 */
export const effectClass = z.enum(['read', 'idempotent', 'keyed', 'reconcilable', 'at-most-once']);
export type EffectClass = z.infer<typeof effectClass>;

/**
 * What an argument does: a `sink` is where value or data goes (recipient, account, address, amount), a `target` is the
 * record acted upon, `content` is text, `when` a time and `enum` a choice.
 */
export const argumentRole = z.enum(['sink', 'target', 'content', 'when', 'enum']);
export type ArgumentRole = z.infer<typeof argumentRole>;

/**
 * In place of argument names: the call itself is the business operation, so that only its own repetitions collapse. For
 * effects that stay inside a run, such as a command in its work tree.
 */
export const CALL_IDENTITY = '$call';

/** A dotted path into a call's arguments or its result. */
const path = z.string().min(1).max(256);

/**
 * How a done call is undone: by which tool, and where each of its arguments comes from. The compensating call is a call
 * like any other, with a verdict, a permit and a ledger entry of its own.
 */
export const compensation = z.strictObject({
  tool: toolName,
  arguments: z.record(z.string(), z.union([z.strictObject({ argument: path }), z.strictObject({ result: path }), z.strictObject({ value: z.union([z.string(), z.number(), z.boolean()]) })])),
});
export type Compensation = z.infer<typeof compensation>;

/** A tool as data: what the model is shown, what policy judges by and what an adapter promises. */
export const toolContract = z.strictObject({
  name: toolName,
  description: z.string().min(1).max(2000),
  adapter: adapterName,
  effect: effectClass,
  input: jsonSchema,
  output: jsonSchema,
  /** The arguments that name the business operation, or {@link CALL_IDENTITY} alone; empty for reads, which have no operation key. */
  identity: z.array(z.string()).max(8),
  roles: z.record(z.string(), argumentRole),
  /** The label of the whole output, and of single fields by dotted path (`lines.0` is written `lines.*`). */
  outputLabel: z.strictObject({
    trust,
    secrecy,
    fields: z.record(z.string(), z.strictObject({ trust: trust.optional(), secrecy: secrecy.optional() })),
    /**
     * Objects at this dotted path, such as `passages.*`, have members `trust` and `secrecy` of their own, which say what
     * everything in that object is worth; see `resultLabels`. The label above is then the worst that the tool gives back.
     */
    items: path.optional(),
  }),
  /** The argument that carries an amount in minor units, where there is one: policies and risk read it. */
  amountArgument: z.string().optional(),
  /** One bound for one attempt, in milliseconds. */
  timeoutMs: z.number().int().min(1).max(3_600_000),
  retry: z.strictObject({
    attempts: z.number().int().min(1).max(20),
    baseDelayMs: z.number().int().min(1),
    maxDelayMs: z.number().int().min(1),
  }),
  /** How many calls one worker makes at once. */
  concurrency: z.number().int().min(1).max(1000),
  /**
   * One bound from the call's arrival at a worker, in milliseconds: for waiting, all attempts and the pauses between them.
   * When left out, what attempts and pauses may take at most, from when the call has a place.
   */
  deadlineMs: z.number().int().min(1).max(86_400_000).optional(),
  /** How many calls all workers together may begin in each such time. */
  rateLimit: z.strictObject({ calls: z.number().int().min(1).max(1_000_000), perMs: z.number().int().min(1).max(86_400_000) }).optional(),
  /** Failures in a row, seen by one worker, after which all workers leave the tool alone for so many milliseconds. */
  breaker: z.strictObject({ failures: z.number().int().min(1).max(1000), openMs: z.number().int().min(1).max(3_600_000) }).optional(),
  /**
   * Milliseconds for which an operation, once settled, is never done again; for ever when left out. It must exceed any outage
   * of the workers: a call whose outcome was recorded and not yet reported is delivered again after it, and would act again.
   */
  retentionMs: z.number().int().min(60_000).max(315_360_000_000).optional(),
  /** A result that violates the output schema fails its call; after so many in a row the tool is quarantined as well. */
  quarantineAfter: z.number().int().min(1).max(1000).optional(),
  /**
   * What it takes away cannot be brought back: the requester themself has to ask for it and to state its target, or a person
   * confirms it. Where nothing is said, a tool with an effect whose name says that it deletes, cancels or the like destroys.
   */
  destructive: z.boolean().optional(),
  /**
   * What is written with it stays where only readers come who may know all that the run may read, such as a draft or a work
   * tree. Anything else that is written may be read by anybody, so that something secret in it is confirmed by a person.
   */
  confined: z.literal(true).optional(),
  /**
   * What is written with it is read again in other runs, so it is stored with a label. Its permits say what the model's writing is
   * worth, by what policy found in the log that the run had read; a call whose permit does not say so stores nothing.
   */
  storesLabels: z.literal(true).optional(),
  /**
   * Where in memory it reads or writes. A run's calls of it work in those alone that the run may work with as well: their permits
   * name them, and a call whose permit names none does nothing.
   */
  memoryScopes: memoryScopes.min(1).optional(),
  /** The adapter can ask the system of record whether an operation happened. */
  reconciles: z.literal(true).optional(),
  /** What undoes a done call when its run is aborted; a tool without it leaves its effects as they are. */
  compensate: compensation.optional(),
  /** SHA-256 of the canonical form of every other field. */
  digest,
});
export type ToolContract = z.infer<typeof toolContract>;

/** Tokens of a run's history that a model is shown, where an agent says nothing else. */
export const DEFAULT_CONTEXT_TOKENS = 100_000;

/** How often a run, with those that it starts, may call one tool, and how much money, in minor units, these calls may carry together. */
export const toolBudget = z.strictObject({ maxCalls: z.number().int().min(0).max(1_000_000).optional(), maxAmount: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional() });
export type ToolBudget = z.infer<typeof toolBudget>;

/** How often a run may do the same with the same result, where an agent says nothing else. */
export const DEFAULT_MAX_REPEATS = 5;

export const budgets = z.strictObject({
  /** Proposals that the planner may make. */
  maxSteps: z.number().int().min(1).max(10_000),
  /** Seconds from acceptance until the run is ended. */
  deadlineSeconds: z.number().int().min(1).max(31_536_000),
  /** Seconds that an approval may wait. */
  approvalSeconds: z.number().int().min(1).max(31_536_000),
  /** Tokens that the models of the run and of the runs that it starts may read and write. */
  maxTokens: z.number().int().min(1).max(1_000_000_000_000).optional(),
  /** What the models of the run and of the runs that it starts may cost, in millionths of the unit of the currency of the price list. */
  maxCostMicros: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  /** Money, in minor units, that all calls together may carry in their amount arguments. */
  maxAmount: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  /** Limits of single tools, by name; a call that came to nothing does not count. */
  tools: z.record(toolName, toolBudget).optional(),
  /** Tokens of the run's history, about, that the model is shown; older steps are left out, and {@link DEFAULT_CONTEXT_TOKENS} when absent. */
  contextTokens: z.number().int().min(1_000).max(10_000_000).optional(),
  /**
   * The same calls with the same results, so often one after the other, end the run, also where a few steps take turns;
   * {@link DEFAULT_MAX_REPEATS} when absent.
   */
  maxRepeats: z.number().int().min(3).max(100).optional(),
  /** How often a run that goes by a plan may make another one; `DEFAULT_MAX_REPLANS` when absent. */
  maxReplans: z.number().int().min(0).max(16).optional(),
});
export type Budgets = z.infer<typeof budgets>;

export const agentName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and "-"');

/**
 * How an agent comes to its calls: one step after the other as it sees what came of the last, by a plan that it makes first, or as a
 * process outside Holdfast says, its reasoner.
 */
export const strategy = z.enum(['react', 'plan-then-execute', 'external']);
export type Strategy = z.infer<typeof strategy>;

export const agentDeclaration = z.strictObject({
  name: agentName,
  instructions: z.string().min(1).max(100_000),
  /** The model's name: one of the module's own models, or `provider/model` of the AI SDK. Of an `external` agent it only sums up what has become too long, and may be left out. */
  model: z.string().min(1).optional(),
  /** Models that are asked, in this order, when that one cannot answer. */
  fallbacks: z.array(z.string().min(1)).max(8).optional(),
  modelParameters: modelParameters.optional(),
  /** CloudEvent types that this agent takes. */
  taskTypes: z.array(z.string().min(1)).min(1),
  tools: z.array(toolName),
  /** Tools that the agent may use as well, in tasks whose scope names them. */
  toolsOnRequest: z.array(toolName).optional(),
  /** The scopes of memory that its runs may work with, by whatever tool; none when left out. */
  memoryScopes: memoryScopes.optional(),
  /** JSON Schema of the final answer; text of any form when left out. */
  outputSchema: jsonSchema.optional(),
  /** `react` when left out. */
  strategy: strategy.optional(),
  /** Of an `external` agent: the name under which its reasoner is asked. */
  reasoner: agentName.optional(),
  /** Policies read it: how much this agent has earned. */
  trustTier: z.enum(['untrusted', 'supervised', 'trusted']),
  /** Trust of the task's own fields, by dotted path below the task. What is not named is third-party text, but for `goal`, which is the requester's. */
  inputTrust: z.record(z.string(), trust),
  budgets,
  digest,
});
export type AgentDeclaration = z.infer<typeof agentDeclaration>;

/** Everything that a deployment has declared: the one file that all services read. */
export const catalog = z
  .strictObject({ agents: z.array(agentDeclaration), tools: z.array(toolContract) })
  .check((context) => {
    const names = new Set(context.value.tools.map((tool) => tool.name));
    if (names.size !== context.value.tools.length) {
      context.issues.push({ code: 'custom', message: 'two tools have the same name', input: context.value });
    }
    for (const tool of context.value.tools) {
      const reserved = tool.adapter === RUNTIME_ADAPTER || tool.name.startsWith(RUNTIME_TOOL_PREFIX);
      if (reserved && !RUNTIME_TOOLS.some((own) => canonicalJson(own) === canonicalJson(tool))) {
        context.issues.push({ code: 'custom', message: `the tool "${tool.name}" takes a name or an adapter that is reserved for Holdfast's own tools`, input: tool.name });
      }
      if (tool.compensate !== undefined && !names.has(tool.compensate.tool)) {
        context.issues.push({ code: 'custom', message: `the tool "${tool.name}" is undone by the unknown tool "${tool.compensate.tool}"`, input: tool.compensate.tool });
      }
    }
    for (const agent of context.value.agents) {
      for (const name of [...agent.tools, ...(agent.toolsOnRequest ?? [])]) {
        const tool = context.value.tools.find((one) => one.name === name);
        if (tool === undefined) {
          context.issues.push({ code: 'custom', message: `agent "${agent.name}" asks for the unknown tool "${name}"`, input: name });
        } else if (tool.memoryScopes !== undefined && sharedScopes(tool.memoryScopes, agent.memoryScopes).length === 0) {
          context.issues.push({ code: 'custom', message: `agent "${agent.name}" asks for the tool "${name}", which works in memory in ${tool.memoryScopes.join(', ')}, and declares none of these among its memoryScopes`, input: name });
        }
      }
    }
  });
export type Catalog = z.infer<typeof catalog>;
