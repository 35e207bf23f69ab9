import { HoldfastError, agentDeclaration, type AgentDeclaration } from '@holdfast/contracts';
import type { LanguageModel } from 'ai';
import { faultsOfAgent } from './check-agent.js';
import { sealAgent, type AgentOptions } from './seal-agent.js';

/**
 * Declares an agent. The digest (SHA-256 of the canonical declaration) is its version: a run names the one it began with.
 * Throws `agent.invalid`, which names every wrong field.
 */
export function defineAgent(options: AgentOptions): AgentDeclaration {
  const parsed = agentDeclaration.safeParse(sealAgent(options));
  const faults = parsed.success ? faultsOfAgent(parsed.data).map(({ field, message }) => `${field} ${message}`) : [parsed.error.message];
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new HoldfastError({ code: 'agent.invalid', message: `Agent "${options.name}" is invalid: ${faults.join('; ')}`, retryable: false, remedy: 'Correct the named fields of the declaration.' });
}

/** What a module given to the planner as HOLDFAST_AGENTS exports. */
export interface AgentModule {
  readonly agents: readonly AgentDeclaration[];
  /** Models of the module's own, by the name that agents use: scripted ones, or any of the AI SDK's. */
  readonly models?: Readonly<Record<string, () => LanguageModel>>;
}
