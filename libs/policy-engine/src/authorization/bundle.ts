import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { HoldfastError, type AgentDeclaration, type Catalog, type Digest, type ToolContract } from '@holdfast/contracts';
import { compileArgumentCheck, type ArgumentCheck } from '../arguments/check-arguments.js';
import { BUDGETS_FILE, readBudgetRules, type BudgetRules } from '../budgets/budget-rules.js';
import { canonicalDigest } from '../digests/sha256.js';
import { APPROVALS_FILE, readApprovalRules, type ApprovalRules } from './approval-rules.js';
import { BASE_FILE, BASE_POLICIES } from './base-policy.js';
import { cedarSchema } from './cedar-schema.js';
import { inputTypeOf, type InputType } from './input-types.js';
import { readPolicyFile, type LoadedPolicy } from './policy-files.js';

/** A tool with everything about it that is computed once. */
export interface BundledTool {
  readonly contract: ToolContract;
  readonly check: ArgumentCheck;
  /** What policies can read of its arguments. */
  readonly input: InputType;
}

/** Policies and contracts that were checked against each other; immutable, and all that a decision depends on. */
export interface PolicyBundle {
  /** SHA-256 over the canonical form of all policy files, the engine's own included, the rules on approvals and budgets, the environment's name, and the digests of contracts and agents. */
  readonly digest: Digest;
  readonly schema: SchemaJson<string>;
  readonly policies: ReadonlyMap<string, LoadedPolicy>;
  readonly tools: ReadonlyMap<string, BundledTool>;
  readonly agents: ReadonlyMap<string, AgentDeclaration>;
  readonly approvals: ApprovalRules;
  readonly budgets: BudgetRules;
}

export interface BundleSource {
  /** Text by file name: Cedar, such as `payments.cedar`, and {@link APPROVALS_FILE} and {@link BUDGETS_FILE} where there are such rules. */
  readonly policies: Readonly<Record<string, string>>;
  readonly catalog: Catalog;
  /** The deployment's name, which policies read: another one decides otherwise, and has another digest. */
  readonly environment?: string;
}

/**
 * Checks policy files against the catalog and makes a bundle of them.
 *
 * Throws `policy.bad-file` (naming file and line), `policy.bad-approvals`, `policy.bad-budgets`, `policy.file-name`, `policy.duplicate-id`, `policy.reserved-tool-name` or
 * `policy.contract-schema`; nothing of a refused source is in force.
 */
export function loadBundle(source: BundleSource): PolicyBundle {
  const schema = cedarSchema(source.catalog);
  const policies = new Map<string, LoadedPolicy>();
  const { [APPROVALS_FILE]: rules, [BUDGETS_FILE]: limits, ...written } = source.policies;
  const approvals = readApprovalRules(rules);
  const budgets = readBudgetRules(limits, source.catalog);
  for (const file of Object.keys(written).sort()) {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*\.cedar$/.test(file)) {
      throw new HoldfastError({ code: 'policy.file-name', message: `"${file}" is no name for a policy file.`, retryable: false, remedy: 'Use letters, digits, "-", "_" and ".", and end with ".cedar".' });
    }
  }
  const files: Readonly<Record<string, string>> = { ...written, [BASE_FILE]: BASE_POLICIES };
  for (const file of Object.keys(files).sort()) {
    for (const policy of readPolicyFile(file, files[file] ?? '', schema)) {
      const reserved = policy.id.startsWith('holdfast.') && file !== BASE_FILE;
      const other = policies.get(policy.id);
      if (reserved || other !== undefined) {
        throw new HoldfastError({
          code: 'policy.duplicate-id',
          message: `${file}:${policy.line}: the id "${policy.id}" is ${reserved ? 'reserved for the engine' : `taken by ${other?.file}:${other?.line}`}.`,
          retryable: false,
          remedy: 'Give each policy an @id of its own that does not begin with "holdfast.", and begin each on its own line.',
        });
      }
      policies.set(policy.id, policy);
    }
  }
  const tools = new Map(source.catalog.tools.map((contract) => [contract.name, { contract, check: compileArgumentCheck(contract), input: inputTypeOf(contract) }]));
  const contracts = Object.fromEntries(source.catalog.tools.map((tool) => [tool.name, tool.digest]));
  const agents = new Map(source.catalog.agents.map((agent) => [agent.name, agent]));
  const declared = Object.fromEntries(source.catalog.agents.map((agent) => [agent.name, agent.digest]));
  return { digest: canonicalDigest({ files, contracts, agents: declared, approvals, budgets, environment: source.environment ?? '' }), schema, policies, tools, agents, approvals, budgets };
}
