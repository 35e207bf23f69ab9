import { preparsePolicySet, preparseSchema, statefulIsAuthorized, type CheckParseAnswer, type Context, type EntityJson } from '@cedar-policy/cedar-wasm/nodejs';
import { canonicalJson, type AgentDeclaration, type ToolContract } from '@holdfast/contracts';
import { CALL_GROUP } from './cedar-schema.js';
import { CHANGING } from './context-members.js';
import { isDestructive } from '../origins/destroying.js';
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
const free = Array.from({ length: PARSED_BUNDLES }, (_, at) => `holdfast-${at}`);

/** Who asks: an agent, in the version that the run was accepted with, and for whom it acts. */
export interface Actor {
  readonly agent: AgentDeclaration;
  readonly version: string;
  readonly tenant: string;
  /** As the edge authenticated them: the name of an API key, or `source:` and the source of a bus event, which no key can be named. */
  readonly user: string;
  readonly roles: readonly string[];
}

/** The entities that one question is about. */
export function entitiesOf({ agent, version, tenant, user, roles }: Actor, tool: ToolContract): EntityJson[] {
  // Tenants name their people as they like, and a tenant has no slash in its name.
  const actsFor = { type: 'User', id: `${tenant}/${user}` };
  return [
    { uid: { type: 'Agent', id: agent.name }, attrs: { name: agent.name, version, trustTier: agent.trustTier, actsFor: { __entity: actsFor } }, parents: [] },
    { uid: actsFor, attrs: {}, parents: roles.map((id) => ({ type: 'Role', id })) },
    ...roles.map((id) => ({ uid: { type: 'Role', id }, attrs: {}, parents: [] })),
    { uid: { type: 'Tool', id: tool.name }, attrs: { name: tool.name, adapter: tool.adapter, effect: tool.effect, destructive: isDestructive(tool) }, parents: [] },
  ];
}

/** The entity of a tool's action, which Cedar takes from the schema where there is one. */
export function actionEntity(tool: ToolContract): EntityJson {
  return { uid: { type: 'Action', id: tool.name }, attrs: {}, parents: [{ type: 'Action', id: CALL_GROUP }] };
}

/**
 * Asks Cedar, strictly by the schema. Any error, of the request or of a single policy, is reported and allows nothing.
 *
 * Cedar is pure, so what it has said is remembered, by everything that the bundle's policies read of the question: most
 * agents ask the same in all that matters, and an evaluation takes as long as the rest of a decision. Errors are not kept.
 */
export function evaluate(bundle: PolicyBundle, actor: Actor, tool: ToolContract, context: Context): Evaluation {
  const answers = rememberedOf(bundle);
  const question = questionKey(bundle, actor, tool, context);
  const known = answers.get(question);
  if (known !== undefined) return known;
  const answer = ask(bundle, actor, tool, context);
  if (answer.error === undefined && question.length <= LONGEST_QUESTION) {
    const oldest = answers.size < REMEMBERED_ANSWERS ? undefined : answers.keys().next().value;
    if (oldest !== undefined) answers.delete(oldest);
    answers.set(question, answer);
  }
  return answer;
}

/** A few megabytes at most. */
const REMEMBERED_ANSWERS = 1_024;
const LONGEST_QUESTION = 4_096;
const remembered = new WeakMap<PolicyBundle, Map<string, Evaluation>>();

function rememberedOf(bundle: PolicyBundle): Map<string, Evaluation> {
  const known = remembered.get(bundle);
  if (known !== undefined) return known;
  const answers = new Map<string, Evaluation>();
  remembered.set(bundle, answers);
  return answers;
}

/** The contract's check has found the arguments to be of their types, so what no policy reads of them cannot matter. */
function questionKey(bundle: PolicyBundle, actor: Actor, tool: ToolContract, context: Context): string {
  const read = readBy(bundle);
  return canonicalJson([entitiesOf(actor, tool), Object.fromEntries(Object.entries(context).filter(([name]) => !isChanging(name) || read.has(name)))]);
}

const readers = new WeakMap<PolicyBundle, ReadonlySet<string>>();
const isChanging = (name: string): boolean => CHANGING.some((changing) => changing === name);

/** Which of the changing members some policy reads. Any mention counts, in whatever way it is meant: too careful costs an evaluation, too careless would be a hole. */
function readBy(bundle: PolicyBundle): ReadonlySet<string> {
  const known = readers.get(bundle) ?? new Set(CHANGING.filter((name) => [...bundle.policies.values()].some(({ text }) => text.includes(name) || MENTIONS_ALL.test(text))));
  readers.set(bundle, known);
  return known;
}

/** The context as a whole (`context` that no dot follows); escapes could hide any name. */
const MENTIONS_ALL = /\bcontext\b(?!\s*\.)|\\/;

function ask(bundle: PolicyBundle, actor: Actor, tool: ToolContract, context: Context): Evaluation {
  try {
    const slot = parsed(bundle);
    const answer = statefulIsAuthorized({
      principal: { type: 'Agent', id: actor.agent.name },
      action: { type: 'Action', id: tool.name },
      resource: { type: 'Tool', id: tool.name },
      context,
      preparsedPolicySetId: slot,
      preparsedSchemaName: slot,
      validateRequest: true,
      entities: entitiesOf(actor, tool),
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
  const slot = freeSlot();
  try {
    succeeded(preparseSchema(slot, bundle.schema));
    succeeded(preparsePolicySet(slot, { staticPolicies: Object.fromEntries([...bundle.policies.values()].map((policy) => [policy.id, policy.text])) }));
  } catch (error) {
    // Nobody answers from it: the bundle that it was taken from has gone.
    free.push(slot);
    throw error;
  }
  slots.set(bundle, slot);
  return slot;
}

/** A name that no bundle in use has. */
function freeSlot(): string {
  const slot = free.pop();
  if (slot !== undefined) return slot;
  const [oldest, taken] = slots.entries().next().value as [PolicyBundle, string];
  slots.delete(oldest);
  return taken;
}

function succeeded(answer: CheckParseAnswer): void {
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message ?? 'the policies do not parse');
}
