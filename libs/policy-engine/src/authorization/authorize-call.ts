import type { AgentDeclaration, ApprovalNeeds, ArgumentOrigin, PlannedCall, ToolContract, Verdict } from '@holdfast/contracts';
import type { OriginIndex } from '../origins/origin-index.js';
import { drawsOf } from '../budgets/draws.js';
import { traceArguments, type TracedArgument } from '../origins/trace-arguments.js';
import { scoreRisk, type RiskScore } from '../risk/score.js';
import { needsOf } from './approval-rules.js';
import type { BundledTool, PolicyBundle } from './bundle.js';
import { contextOf, taintOf, type Circumstances } from './context.js';
import { evaluate, type Evaluation } from './evaluator.js';
import { addedToPlan, outsideOfPlan, type PlanScope } from './plan-scope.js';
import { flowReasons, policyReasons } from './reasons.js';
import { isOutsideMemory, toolsInScope } from './scope.js';

export interface CallQuestion extends Circumstances {
  readonly call: PlannedCall;
  readonly index: OriginIndex;
  /** Set when people have approved exactly this call. It is asked about again where they are not enough, or not the right ones. */
  readonly approvers?: readonly Approver[];
  /** Roles that may approve as well, since nobody had for a while. */
  readonly escalatedTo?: readonly string[];
  /** Of a run that goes by a plan: what that leaves it. It only takes away. */
  readonly plan?: PlanScope | undefined;
}

/** Who approved, and what they may be called by. */
export interface Approver {
  readonly by: string;
  readonly roles: readonly string[];
}

/** A verdict before a permit is signed for it. */
export type Judgement = Omit<Verdict, 'permit'>;

/**
 * Judges one call: whether it may run now (`allow`), may run once a person approves (`ask`), or may not run (`deny`).
 *
 * Policies are asked twice: as things are, and with `context.approved` set. Never throws: what cannot be judged is denied.
 */
export function authorizeCall(bundle: PolicyBundle, question: CallQuestion): Judgement {
  const { agent, call } = question;
  const tool = bundle.tools.get(call.tool);
  const refuse = (reasons: readonly string[]): Judgement => refuseCall(bundle, call, reasons, agent.trustTier);
  if (tool === undefined) return refuse([`There is no tool named "${call.tool}".`]);
  if (!toolsInScope(agent, question.task.scope).includes(call.tool)) {
    const isDeclared = agent.tools.includes(call.tool) || agent.toolsOnRequest?.includes(call.tool) === true;
    return refuse([isDeclared ? `The task was given without the tool "${call.tool}" in its scope, and nothing that happens in the run can change that.` : `The agent "${agent.name}" was not declared to use the tool "${call.tool}".`]);
  }
  if (isOutsideMemory(tool.contract, question.memoryScopes)) return refuse([outsideMemory(tool.contract, question)]);
  const outside = outsideOfPlan(call, question.plan);
  if (outside !== undefined) return refuse([outside]);
  try {
    const misfits = tool.check(call.arguments);
    if (misfits.length > 0) return refuse(misfits);
    return judge(bundle, question, tool);
  } catch (error) {
    return refuse([`The call could not be judged, so it is refused: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function judge(bundle: PolicyBundle, question: CallQuestion, tool: BundledTool): Judgement {
  const traced = traceArguments(tool.contract, question.call.arguments, question.index);
  const taint = taintOf(traced, tool.contract, (values) => question.index.hasActedUpon(tool.contract.name, question.call.arguments, values));
  const { context, risk } = contextOf(question, tool, question.call.arguments, taint, { secrecy: question.index.secrecy, counted: question.index.countedFor(tool.contract.name) });
  const { agent, agentVersion = agent.digest, task } = question;
  const actor = { agent, version: agentVersion, tenant: question.tenant, user: task.requester, roles: task.requesterRoles ?? [] };
  const ask = (approved: boolean, approver: string, approverRoles: readonly string[] = []): Evaluation => evaluate(bundle, actor, tool.contract, { ...context, approved, approver, approverRoles: [...approverRoles] });
  const { approve = Infinity, twoPersons = Infinity, deny = Infinity } = bundle.approvals.risk;
  const isRisky = risk.score >= Math.min(approve, twoPersons);
  const added = addedToPlan(question.call, question.plan);

  const now = ask(false, '');
  if (now.error !== undefined) return answer('deny', now, failed(now));
  if (risk.score >= deny) return answer('deny', now, [`The risk of this call is ${risk.score}, and from ${deny} on none is made.`]);
  if (now.allowed && !isRisky && added === undefined) return answer('allow', now, policyReasons(bundle, now.determining, 'allows'));
  const approved = ask(true, '');
  if (approved.error !== undefined) return answer('deny', approved, failed(approved));
  const { approvers = [], escalatedTo = [] } = question;
  if (approvers.length > 0) {
    const missing = missingIn(approvers, escalatedTo, question.task.requester, needsOf(bundle.approvals, risk.score));
    const roles = [...new Set(approvers.flatMap((approver) => approver.roles))];
    const judged = approvers.map(({ by }) => ask(true, by, roles));
    const broken = judged.find(({ error }) => error !== undefined);
    if (broken !== undefined) return answer('deny', broken, failed(broken));
    const refused = judged.find(({ allowed }) => !allowed);
    const [first = approved] = judged;
    if (refused === undefined && missing === undefined) return answer('allow', first, policyReasons(bundle, first.determining, 'allows'));
    const why = missing ?? [...policyReasons(bundle, refused?.determining ?? [], 'forbids'), ...flowReasons(taint, '')].join(' ');
    // Somebody else's word may still be enough.
    return answer(approved.allowed ? 'ask' : 'deny', refused ?? approved, [`The approval by ${approvers.map(({ by }) => by).join(' and ')} is not enough. ${why}`.trim()]);
  }
  if (approved.allowed) {
    if (now.allowed && !isRisky && added !== undefined) return answer('ask', now, [added]);
    if (now.allowed) return answer('ask', now, [`The risk of this call is ${risk.score}, and from ${Math.min(approve, twoPersons)} on ${risk.score >= twoPersons ? 'two people confirm' : 'a person confirms'} it.`]);
    const lifted = [...policyReasons(bundle, now.determining, 'requires approval of'), ...flowReasons(taint, ' A person must confirm it.')];
    if (lifted.length > 0) return answer('ask', now, lifted);
    return answer('ask', approved, policyReasons(bundle, approved.determining, 'allows, once a person approves,'));
  }
  // What stands in the way even of an approved call is what the reader must know.
  const reasons = [...policyReasons(bundle, approved.determining, 'forbids'), ...flowReasons(taint, '')];
  return answer('deny', approved, reasons.length > 0 ? reasons : [nothingAllows(question)]);

  function answer(outcome: Judgement['outcome'], evaluation: Evaluation, reasons: readonly string[]): Judgement {
    const verdict = verdictOf(bundle, question.call, outcome, [...evaluation.determining], reasons, risk, traced);
    if (outcome === 'ask') return { ...verdict, needs: needsOf(bundle.approvals, risk.score) };
    const draws = outcome === 'allow' ? drawsOf(bundle.budgets, { tenant: question.tenant, agent: agent.name, task }, tool.contract.name) : [];
    return draws.length === 0 ? verdict : { ...verdict, draws: [...draws] };
  }
}

/** What is missing of an approval by the rules, before any policy looks at it. */
function missingIn(approvers: readonly Approver[], escalatedTo: readonly string[], requester: string, { persons, roles }: ApprovalNeeds): string | undefined {
  const wrong = roles === undefined ? undefined : approvers.find((approver) => !approver.roles.some((role) => roles.includes(role) || escalatedTo.includes(role)));
  if (wrong !== undefined) return `${wrong.by} has none of the roles ${roles?.join(', ')}.`;
  if (persons === 1) return undefined;
  if (new Set(approvers.map(({ by }) => by)).size < persons) return 'Two different people have to confirm a call of this risk.';
  return approvers.some(({ by }) => by === requester) ? 'Whoever asked for the task is none of the two people who have to confirm a call of this risk.' : undefined;
}

const failed = (evaluation: Evaluation): readonly string[] => [
  `The policies could not be evaluated, so the call is refused: ${evaluation.error}${evaluation.determining.length > 0 ? ` (policy "${evaluation.determining.join('", "')}")` : ''}`,
];

const nothingAllows = ({ agent, call, task, environment }: CallQuestion): string =>
  `No policy allows the agent "${agent.name}" to use "${call.tool}" in this way for tasks of type "${task.type}" in "${environment}".`;

const outsideMemory = ({ name, memoryScopes = [] }: ToolContract, { agent, memoryScopes: own = [] }: CallQuestion): string =>
  `"${name}" works in memory in ${memoryScopes.join(', ')}, and a run of the agent "${agent.name}" that was begun like this one may work ${own.length === 0 ? 'in no scope of memory' : `only in ${own.join(', ')}`}.`;

/** A denial for reasons that are known before any policy is asked; the arguments are not judged. */
export function refuseCall(bundle: PolicyBundle, call: PlannedCall, reasons: readonly string[], trustTier: AgentDeclaration['trustTier'] = 'untrusted'): Judgement {
  const effect = bundle.tools.get(call.tool)?.contract.effect ?? 'at-most-once';
  return verdictOf(bundle, call, 'deny', [], reasons, scoreRisk({ effect, amount: 0, trustTier, thirdPartySinks: 0, unprovenSinks: 0, untrustedTargets: 0 }), []);
}

function verdictOf(bundle: PolicyBundle, call: PlannedCall, outcome: Judgement['outcome'], policies: string[], reasons: readonly string[], risk: RiskScore, traced: readonly TracedArgument[]): Judgement {
  return {
    callId: call.callId,
    outcome,
    reasons: reasons.length > 0 ? [...reasons] : [`Allowed by ${policies.join(', ')}.`],
    policies,
    policyDigest: bundle.digest,
    risk: { score: risk.score, factors: risk.factors.map((factor) => `${factor.kind} +${factor.points}: ${factor.explanation}`) },
    origins: traced.map(({ value: _value, isAsked: _isAsked, isWithin: _isWithin, ...origin }): ArgumentOrigin => origin),
  };
}
