import { isAuthorizedPartial, type CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { HoldfastError, type AgentDeclaration, type Task, type ToolContract } from '@holdfast/contracts';
import { actionEntity, entitiesOf } from './evaluator.js';
import { MEMBERS_OF_CALL } from './context-members.js';
import type { PolicyBundle } from './bundle.js';
import { isOutsideMemory, toolsInScope } from './scope.js';

export interface VisibilityQuestion {
  readonly agent: AgentDeclaration;
  readonly tenant: string;
  /** For whom it acts. */
  readonly user: string;
  readonly roles?: readonly string[];
  readonly taskType: string;
  readonly scope?: Task['scope'];
  /** The scopes of memory that the run may work with; none when left out. */
  readonly memoryScopes?: readonly string[];
  readonly environment: string;
}

const REMEMBERED_QUESTIONS = 256;
const remembered = new WeakMap<PolicyBundle, Map<string, readonly string[]>>();
const unknown = (name: string): CedarValueJson => ({ __extn: { fn: 'unknown', arg: name } });

/**
 * The tools, in the agent's order, of which some call could be allowed or asked about.
 *
 * Cedar evaluates the policies with what is known (agent, task type, environment, tool) and everything that depends on the
 * call left unknown; a tool is hidden when the answer is a denial whatever the unknowns turn out to be. So policies
 * are written once, for calls, and visibility follows from them without an action or flag of its own.
 */
export function visibleTools(bundle: PolicyBundle, question: VisibilityQuestion): readonly string[] {
  const answers = remembered.get(bundle) ?? new Map<string, readonly string[]>();
  remembered.set(bundle, answers);
  const key = JSON.stringify([question.tenant, question.user, question.roles, question.agent.digest, question.agent.name, question.taskType, question.environment, question.scope, question.memoryScopes]);
  const known = answers.get(key);
  if (known !== undefined) return known;
  const tools = toolsInScope(question.agent, question.scope).filter((name) => {
    const tool = bundle.tools.get(name);
    return tool !== undefined && !isOutsideMemory(tool.contract, question.memoryScopes) && isConceivable(bundle, question, tool.contract);
  });
  const oldest = answers.size < REMEMBERED_QUESTIONS ? undefined : answers.keys().next().value;
  if (oldest !== undefined) answers.delete(oldest);
  answers.set(key, tools);
  return tools;
}

function isConceivable(bundle: PolicyBundle, { agent, tenant, user, roles = [], taskType, environment }: VisibilityQuestion, tool: ToolContract): boolean {
  const answer = isAuthorizedPartial({
    principal: { type: 'Agent', id: agent.name },
    action: { type: 'Action', id: tool.name },
    resource: { type: 'Tool', id: tool.name },
    context: { tenant, taskType, environment, trustTier: agent.trustTier, effect: tool.effect, ...Object.fromEntries(MEMBERS_OF_CALL.map((name) => [name, unknown(name)])) },
    policies: { staticPolicies: Object.fromEntries([...bundle.policies.values()].map((policy) => [policy.id, policy.text])) },
    entities: [...entitiesOf({ agent, version: agent.digest, tenant, user, roles }, tool), actionEntity(tool)],
  });
  if (answer.type === 'failure') {
    throw new HoldfastError({ code: 'policy.evaluation', message: `Whether "${tool.name}" is visible could not be evaluated: ${answer.errors[0]?.message ?? 'unknown error'}`, retryable: false, remedy: 'Correct the policies; until then the tool cannot be shown.' });
  }
  return answer.response.decision !== 'deny';
}
