import type { Why, WhyAction, WhyDecision, WhyInRun, WhyLink, WhyOrigin } from './why.schema.js';

const INDENT = '  ';
const LONGEST_TEXT = 400;

/** One line of the text and how deep it stands. */
type Line = readonly [depth: number, text: string];

/** The causal chain as an indented text for people: causes above, what followed from them below and further in. */
export function renderWhy(why: Why): string {
  const lines = [...runLines(why), ...why.origins.flatMap(originLines)];
  return `${lines.map(([depth, text]) => `${INDENT.repeat(depth)}${flat(text)}`).join('\n')}\n`;
}

function runLines(why: WhyInRun): Line[] {
  const { task, chain, subject } = why;
  const lines: Line[] = [
    [0, `Run ${why.runId}: why ${why.question.effect === undefined ? `commit ${subject.commit}` : `call ${why.question.effect}`}`],
    [0, `Task ${task.id} of ${task.source}, type ${task.type} ${place(task)}`],
    [1, `asked by ${task.requester}: "${cut(task.goal)}"`],
    [1, `taken by agent ${task.agent.name} (declaration ${short(task.agent.digest)})`],
  ];
  if (why.decision !== undefined) lines.push(...decisionLines(why.decision, 1));
  for (const action of why.actions) lines.push(...actionLines(action));
  if (why.actions.length === 0) lines.push([1, `Commit ${subject.commit} (${subject.events.map((event) => event.type).join(', ')}) because of ${subject.cause.kind} ${subject.cause.id} ${place(subject)}`]);
  lines.push(chain.verified
    ? [0, `Chain verified: ${chain.commits} commits, head ${short(chain.head)}`]
    : [0, `CHAIN BROKEN at commit ${chain.brokenAt?.number}: ${chain.brokenAt?.problem}. Nothing from there on is to be trusted.`]);
  return lines;
}

/** The run from which the one above it came. */
function originLines({ relation, runId, callId, commit, by, reason, holds, problem, why }: WhyOrigin): Line[] {
  const forked = `was forked from run ${runId} at commit ${commit}, by ${by}${reason === undefined || reason === '' ? '' : `: "${cut(reason)}"`}`;
  return [
    [0, `The run above ${relation === 'started-by' ? `was started by call ${callId} of run ${runId}` : forked}`],
    ...(holds ? [] : [[0, `BROKEN LINK: ${problem}. What the run says of where it came from is not to be trusted.`] as const]),
    ...(holds && problem !== undefined ? [[1, `that run cannot be told: ${problem}`] as const] : []),
    ...(why === undefined ? [] : runLines(why)),
  ];
}

function decisionLines(decision: WhyDecision, depth: number): Line[] {
  const { model, shown } = decision;
  return [
    [depth, `Model ${model.provider}/${model.name} was asked by commit ${decision.basis} and shown prompt ${short(shown.promptDigest)} with the tools ${shown.tools.join(', ') || '(none)'}`],
    ...triesOf(model, depth + 1),
    ...shown.observations.flatMap((seen): Line[] => [
      [depth + 1, `it knew ${seen.tool} (${seen.callId}, ${seen.trust}) ${place(seen)}`],
      ...(seen.passages ?? []).map((read): Line => [depth + 2, `it read in ${read.source}, by ${read.author} (${read.trust}, ${read.secrecy}, document ${short(read.digest)}): "${cut(read.text)}"`]),
    ]),
    [depth, `It answered${usedBy(model)}${decision.text === '' ? ' without a word' : ` "${cut(decision.text)}"`} ${place(decision)}`],
    ...planLines(decision, depth),
    ...(decision.answer === undefined ? [] : [[depth + 1, `final answer: "${cut(decision.answer)}"`] as const]),
  ];
}

function planLines({ plan }: WhyDecision, depth: number): Line[] {
  if (plan === undefined) return [];
  return [
    [depth + 1, `${plan.own ? 'it adopted a plan' : 'it went by the plan'} (${plan.trust}) ${place(plan)}`],
    ...plan.steps.map(({ intention, tools }, at): Line => [depth + 2, `${at + 1}. ${cut(intention)} (${tools.join(', ') || 'no tools'})`]),
    ...(plan.asks.tools.length === 0 ? [] : [[depth + 2, `a person confirms each call of ${plan.asks.tools.join(', ')}`] as const]),
  ];
}

function triesOf({ attempts = [] }: WhyDecision['model'], depth: number): Line[] {
  return attempts.length === 0 ? [] : [[depth, `after the tries: ${attempts.map(({ model, outcome, usage }) => `${model} ${outcome}${usage === undefined ? '' : ` (${usage.inputTokens} + ${usage.outputTokens} tokens)`}`).join(', ')}`]];
}

function usedBy({ inputTokens, outputTokens, cost, requestId }: WhyDecision['model']): string {
  const parts = [`${inputTokens} + ${outputTokens} tokens`, ...(cost === undefined ? [] : [`${cost.micros / 1_000_000} ${cost.currency}`]), ...(requestId === undefined ? [] : [`the provider's ${requestId}`])];
  return ` (${parts.join(', ')})`;
}

function actionLines(action: WhyAction): Line[] {
  const lines: Line[] = action.decision === undefined ? [] : decisionLines(action.decision, 1);
  lines.push([2, `Proposed ${action.tool} (${action.callId}) with ${cut(JSON.stringify(action.arguments))}`]);
  for (const verdict of action.policy) {
    lines.push([3, `Policy said ${verdict.outcome.toUpperCase()}: ${verdict.reasons.join('; ')} ${place(verdict)}`]);
    lines.push([4, `policies ${verdict.policies.join(', ') || '(none)'} of ${short(verdict.policyDigest)}; risk ${verdict.risk.score}${verdict.risk.factors.length === 0 ? '' : ` (${verdict.risk.factors.join(', ')})`}`]);
    for (const origin of verdict.origins) lines.push([4, `${origin.argument} (${origin.role}) came from ${origin.source}, trust ${origin.trust}`]);
  }
  for (const approval of action.approvals) {
    lines.push([3, `Approval ${approval.approvalId} was asked for: ${approval.reasons.join('; ')} ${place(approval)}`]);
    const given = approval.answered;
    lines.push([4, given === undefined ? 'not answered' : `${given.answer} by ${given.by}${given.comment === '' ? '' : `: "${cut(given.comment)}"`} ${place(given)}`]);
  }
  if (action.refused !== undefined) lines.push([3, `Refused: ${action.refused.reasons.join('; ')} ${place(action.refused)}`]);
  if (action.call !== undefined) lines.push([3, `Sent to adapter ${action.call.adapter} as ${action.call.effect}, permit ${short(action.call.permitDigest)}, contract ${short(action.call.contractDigest)}${action.call.operationKey === undefined ? '' : `, operation ${action.call.operationKey}`} ${place(action.call)}`]);
  if (action.waited !== undefined) lines.push([3, action.waited.runId === undefined ? `Waited for ${action.waited.for} ${place(action.waited)}` : `Started run ${action.waited.runId}${action.waited.status === undefined ? '' : `, which ${action.waited.status}`} ${place(action.waited)}`]);
  if (action.simulated !== undefined) lines.push([3, `Not made: simulated${action.simulated.from === undefined ? ', with nothing recorded' : ` by what commit ${action.simulated.from.number} of run ${action.simulated.from.runId} holds`} ${place(action.simulated)}`]);
  for (const outcome of action.outcomes) {
    lines.push([4, `${outcome.status}${outcome.replayed ? ', already done before: nothing was done again' : ''} after ${outcome.attempts.length} attempt${outcome.attempts.length === 1 ? '' : 's'} ${place(outcome)}`]);
    for (const attempt of outcome.attempts) lines.push([5, `${new Date(attempt.at).toISOString()} ${attempt.outcome} in ${Math.round(attempt.durationMs)} ms`]);
    if (outcome.failure !== undefined) lines.push([5, `${outcome.failure.code}: ${cut(outcome.failure.message)}`]);
    if (outcome.result !== undefined) lines.push([5, `result ${cut(JSON.stringify(outcome.result))}`]);
  }
  return lines;
}

function place(link: WhyLink): string {
  return `[commit ${link.commit}, ${new Date(link.at).toISOString()}, ${short(link.hash)}${link.trusted ? '' : ', NOT TRUSTED'}]`;
}

function short(digest: string): string {
  return digest.slice(0, 12);
}

/** What others wrote must not be able to draw lines of its own into the chain, nor control a terminal. */
function flat(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
}
