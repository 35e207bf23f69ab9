import type { AgentDeclaration, ArgumentOrigin, PlannedCall, Verdict } from '@holdfast/contracts';
import type { OriginIndex } from '../origins/origin-index.js';
import { traceArguments, type TracedArgument } from '../origins/trace-arguments.js';
import { scoreRisk, type RiskScore } from '../risk/score.js';
import type { BundledTool, PolicyBundle } from './bundle.js';
import { contextOf, taintOf, type Circumstances } from './context.js';
import { evaluate, type Evaluation } from './evaluator.js';
import { flowReasons, policyReasons } from './reasons.js';
import { toolsInScope } from './scope.js';

export interface CallQuestion extends Circumstances {
  readonly call: PlannedCall;
  readonly index: OriginIndex;
  /** Set when a person has approved exactly this call; the outcome is then `allow` or `deny`. */
  readonly approver?: string;
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
  const { context, risk } = contextOf(question, tool, question.call.arguments, taint, question.index.secrecy);
  const ask = (approved: boolean, approver: string): Evaluation => evaluate(bundle, question.agent, tool.contract, { ...context, approved, approver });

  const now = question.approver === undefined ? ask(false, '') : ask(true, question.approver);
  if (now.error !== undefined) return answer('deny', now, failed(now));
  if (now.allowed) return answer('allow', now, policyReasons(bundle, now.determining, 'allows'));
  const approved = question.approver === undefined ? ask(true, '') : now;
  if (approved.error !== undefined) return answer('deny', approved, failed(approved));
  if (approved.allowed) {
    const lifted = [...policyReasons(bundle, now.determining, 'requires approval of'), ...flowReasons(taint, ' A person must confirm it.')];
    if (lifted.length > 0) return answer('ask', now, lifted);
    return answer('ask', approved, policyReasons(bundle, approved.determining, 'allows, once a person approves,'));
  }
  // What stands in the way even of an approved call is what the reader must know.
  const reasons = [...policyReasons(bundle, approved.determining, 'forbids'), ...flowReasons(taint, '')];
  return answer('deny', approved, reasons.length > 0 ? reasons : [nothingAllows(question)]);

  function answer(outcome: Judgement['outcome'], evaluation: Evaluation, reasons: readonly string[]): Judgement {
    return verdictOf(bundle, question.call, outcome, [...evaluation.determining], reasons, risk, traced);
  }
}

const failed = (evaluation: Evaluation): readonly string[] => [
  `The policies could not be evaluated, so the call is refused: ${evaluation.error}${evaluation.determining.length > 0 ? ` (policy "${evaluation.determining.join('", "')}")` : ''}`,
];

const nothingAllows = ({ agent, call, task, environment }: CallQuestion): string =>
  `No policy allows the agent "${agent.name}" to use "${call.tool}" in this way for tasks of type "${task.type}" in "${environment}".`;

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
