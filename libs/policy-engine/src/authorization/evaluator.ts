import { preparsePolicySet, preparseSchema, statefulIsAuthorized, type CheckParseAnswer, type Context, type EntityJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { AgentDeclaration, ToolContract } from '@holdfast/contracts';
import { CALL_GROUP } from './cedar-schema.js';
import type { PolicyBundle } from './bundle.js';

/** What Cedar said, with the ids of the policies that decided; `error` is set when it could not say. */
export interface Evaluation {
  readonly allowed: boolean;
  readonly determining: readonly string[];
  readonly error?: string;
}

/**
 * Cedar keeps what it has parsed under a name for as long as the process lives, so bundles share this many names and the
 * one that was used longest ago gives way.
 */
const PARSED_BUNDLES = 4;
const slots = new Map<PolicyBundle, string>();

/** The entities that one question is about. */
export function entitiesOf(agent: AgentDeclaration, tool: ToolContract): EntityJson[] {
  return [
    { uid: { type: 'Agent', id: agent.name }, attrs: { name: agent.name, trustTier: agent.trustTier }, parents: [] },
    { uid: { type: 'Tool', id: tool.name }, attrs: { name: tool.name, adapter: tool.adapter, effect: tool.effect }, parents: [] },
  ];
}

/** The entity of a tool's action, which Cedar takes from the schema where there is one. */
export function actionEntity(tool: ToolContract): EntityJson {
  return { uid: { type: 'Action', id: tool.name }, attrs: {}, parents: [{ type: 'Action', id: CALL_GROUP }] };
}

/** Asks Cedar, strictly by the schema. Any error, of the request or of a single policy, is reported and allows nothing. */
export function evaluate(bundle: PolicyBundle, agent: AgentDeclaration, tool: ToolContract, context: Context): Evaluation {
  try {
    const slot = parsed(bundle);
    const answer = statefulIsAuthorized({
      principal: { type: 'Agent', id: agent.name },
      action: { type: 'Action', id: tool.name },
      resource: { type: 'Tool', id: tool.name },
      context,
      preparsedPolicySetId: slot,
      preparsedSchemaName: slot,
      validateRequest: true,
      entities: entitiesOf(agent, tool),
    });
    if (answer.type === 'failure') return { allowed: false, determining: [], error: answer.errors[0]?.message ?? 'unknown error' };
    const { decision, diagnostics } = answer.response;
    const failed = diagnostics.errors[0];
    if (failed !== undefined) return { allowed: false, determining: [failed.policyId], error: failed.error.message };
    // Cedar names them in the chance order of a hash set; what is recorded must not depend on chance.
    return { allowed: decision === 'allow', determining: diagnostics.reason.toSorted() };
  } catch (error) {
    return { allowed: false, determining: [], error: error instanceof Error ? error.message : String(error) };
  }
}

function parsed(bundle: PolicyBundle): string {
  const known = slots.get(bundle);
  if (known !== undefined) {
    slots.delete(bundle);
    slots.set(bundle, known);
    return known;
  }
  const oldest = slots.size < PARSED_BUNDLES ? undefined : slots.entries().next().value;
  if (oldest !== undefined) slots.delete(oldest[0]);
  const slot = oldest?.[1] ?? `holdfast-${slots.size}`;
  succeeded(preparseSchema(slot, bundle.schema));
  succeeded(preparsePolicySet(slot, { staticPolicies: Object.fromEntries([...bundle.policies.values()].map((policy) => [policy.id, policy.text])) }));
  slots.set(bundle, slot);
  return slot;
}

function succeeded(answer: CheckParseAnswer): void {
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message ?? 'the policies do not parse');
}
