import { createHash } from 'node:crypto';
import { canonicalJson, type AgentDeclaration, type Digest } from '@holdfast/contracts';

/** The version of a declaration: SHA-256 of its canonical form without the digest itself. */
export function digestOfAgent({ digest: _digest, ...body }: Omit<AgentDeclaration, 'digest'> & { readonly digest?: Digest }): Digest {
  return createHash('sha256').update(canonicalJson(body)).digest('hex');
}

const budgets: AgentDeclaration['budgets'] = { maxSteps: 20, deadlineSeconds: 3_600, approvalSeconds: 86_400 };

type Declared = Omit<AgentDeclaration, 'digest' | 'budgets' | 'inputTrust' | 'trustTier'>;

/** An agent as its author writes it; what is left out gets the strict default. */
export interface AgentOptions extends Declared {
  readonly trustTier?: AgentDeclaration['trustTier'] | undefined;
  readonly inputTrust?: AgentDeclaration['inputTrust'] | undefined;
  readonly budgets?: Partial<AgentDeclaration['budgets']> | undefined;
}

/** The declaration with its defaults and its digest. Nothing is checked here. */
export function sealAgent(options: AgentOptions): AgentDeclaration {
  const body = { ...options, trustTier: options.trustTier ?? 'supervised', inputTrust: options.inputTrust ?? {}, budgets: { ...budgets, ...options.budgets } };
  return { ...body, digest: digestOfAgent(body) };
}
