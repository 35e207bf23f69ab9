import type { CedarValueJson, Context } from '@cedar-policy/cedar-wasm/nodejs';
import { isAtLeast, leastTrusted, type AgentDeclaration, type Secrecy, type ToolContract, type Trust } from '@holdfast/contracts';
import type { TracedArgument } from '../origins/trace-arguments.js';
import { scoreRisk, type RiskScore } from '../risk/score.js';
import type { BundledTool } from './bundle.js';

/** What is known of the run around a call. */
export interface Circumstances {
  readonly agent: AgentDeclaration;
  readonly task: { readonly type: string; readonly requester: string };
  readonly environment: string;
}

/** The values of one call by what may be believed of them. */
export interface Taint {
  /** Sinks that only outside text names. */
  readonly thirdPartySinks: readonly TracedArgument[];
  /** Sinks that come from the organisation's records or from the model, which do not vouch for a destination. */
  readonly unprovenSinks: readonly TracedArgument[];
  /** Targets that the requester did not name and this run did not create; of what destroys, all that they did not state themselves, asking for it. */
  readonly untrustedTargets: readonly TracedArgument[];
  readonly contentTrust: Trust;
  /** Text that may hold something secret and would go to a sink. */
  readonly secretContent: readonly TracedArgument[];
}

/** `isAsked` says that the requester's own words ask for what the tool does. */
export function taintOf(traced: readonly TracedArgument[], { effect, destructive }: Pick<ToolContract, 'effect' | 'destructive'>, isAsked: boolean): Taint {
  const isRead = effect === 'read';
  const sinks = traced.filter((argument) => argument.role === 'sink' && !isAtLeast(argument.trust, 'endorsed'));
  return {
    thirdPartySinks: sinks.filter((sink) => sink.trust === 'third-party'),
    unprovenSinks: sinks.filter((sink) => sink.trust !== 'third-party'),
    // What a read looks at is a matter of which tools are visible.
    untrustedTargets: isRead ? [] : traced.filter(({ role, grounds }) => role === 'target' && (grounds === undefined || (destructive === true && !(isAsked && grounds === 'stated')))),
    contentTrust: traced.filter((argument) => argument.role === 'content').reduce<Trust>((least, argument) => leastTrusted(least, argument.trust), 'user'),
    secretContent: traced.some(({ role }) => role === 'sink') ? traced.filter(({ secrecy }) => secrecy === 'secret') : [],
  };
}

/** The Cedar context of one call, and the risk that it states. Throws `TypeError` for an amount that is no safe integer. */
export function contextOf(circumstances: Circumstances, tool: BundledTool, args: Readonly<Record<string, unknown>>, taint: Taint, secrecy: Secrecy): { readonly context: Context; readonly risk: RiskScore } {
  const { contract } = tool;
  const amount = contract.amountArgument === undefined ? 0 : (args[contract.amountArgument] ?? 0);
  if (!Number.isSafeInteger(amount)) throw new TypeError(`the amount ${String(amount)} is not a whole number of minor units`);
  const risk = scoreRisk({
    effect: contract.effect,
    amount: Number(amount),
    trustTier: circumstances.agent.trustTier,
    thirdPartySinks: taint.thirdPartySinks.length,
    unprovenSinks: taint.unprovenSinks.length,
    untrustedTargets: taint.untrustedTargets.length,
  });
  const names = (list: readonly TracedArgument[]): string[] => [...new Set(list.map((argument) => argument.argument))];
  const context: Context = {
    taskType: circumstances.task.type,
    requester: circumstances.task.requester,
    environment: circumstances.environment,
    trustTier: circumstances.agent.trustTier,
    effect: contract.effect,
    amount: Number(amount),
    risk: risk.score,
    arguments: Object.fromEntries(tool.typed.filter(({ name }) => args[name] !== undefined).map(({ name }) => [name, args[name] as CedarValueJson])),
    untrustedSinks: names([...taint.thirdPartySinks, ...taint.unprovenSinks]),
    thirdPartySinks: names(taint.thirdPartySinks),
    unprovenSinks: names(taint.unprovenSinks),
    untrustedTargets: names(taint.untrustedTargets),
    contentTrust: taint.contentTrust,
    secretContent: names(taint.secretContent),
    secrecy,
  };
  return { context, risk };
}
