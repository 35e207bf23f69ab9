import { createHash } from 'node:crypto';
import { HoldfastError, agentDeclaration, canonicalJson, type AgentDeclaration } from '@holdfast/contracts';
import type { LanguageModel } from 'ai';

type Declared = Omit<AgentDeclaration, 'digest' | 'budgets' | 'inputTrust' | 'trustTier'>;

/** An agent as its author writes it; what is left out gets the strict default. */
export interface AgentOptions extends Declared {
  readonly trustTier?: AgentDeclaration['trustTier'];
  readonly inputTrust?: AgentDeclaration['inputTrust'];
  readonly budgets?: Partial<AgentDeclaration['budgets']>;
}

const defaults: AgentDeclaration['budgets'] = { maxSteps: 20, deadlineSeconds: 3_600, approvalSeconds: 86_400 };

/**
 * Declares an agent. The digest (SHA-256 of the canonical declaration) is its version: a run names the one it began with.
 * Throws `agent.invalid`, which names every wrong field.
 */
export function defineAgent(options: AgentOptions): AgentDeclaration {
  const body = { ...options, trustTier: options.trustTier ?? 'supervised', inputTrust: options.inputTrust ?? {}, budgets: { ...defaults, ...options.budgets } };
  const declaration = { ...body, digest: createHash('sha256').update(canonicalJson(body)).digest('hex') };
  const parsed = agentDeclaration.safeParse(declaration);
  if (parsed.success) return parsed.data;
  throw new HoldfastError({ code: 'agent.invalid', message: `Agent "${options.name}" is invalid: ${parsed.error.message}`, retryable: false, remedy: 'Correct the named fields of the declaration.' });
}

/** What a module given to the planner as HOLDFAST_AGENTS exports. */
export interface AgentModule {
  readonly agents: readonly AgentDeclaration[];
  /** Models of the module's own, by the name that agents use: scripted ones, or any of the AI SDK's. One without `doStream` is asked for whole answers. */
  readonly models?: Readonly<Record<string, () => LanguageModel>>;
}
