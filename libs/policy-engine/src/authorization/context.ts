import type { CedarValueJson, Context } from '@cedar-policy/cedar-wasm/nodejs';
import { RUNTIME_ADAPTER, isAtLeast, leastTrusted, type AgentDeclaration, type Secrecy, type ToolContract, type Trust } from '@holdfast/contracts';
import { isDate } from '../origins/dates.js';
import type { TracedArgument } from '../origins/trace-arguments.js';
import { scoreRisk, type RiskScore } from '../risk/score.js';
import type { BundledTool } from './bundle.js';

/** What is known of the run around a call. */
export interface Circumstances {
  readonly agent: AgentDeclaration;
  readonly task: { readonly type: string; readonly requester: string };
  readonly environment: string;
}

/** Fewer characters are in some text by chance. */
const SHORTEST_WORDS = 4;

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
  /** Text from outside was read, and nothing in this call is the requester's: neither words, nor what they named, nor a value that somebody vouches for. */
  readonly isUnasked: boolean;
}

/** What is known of the run's requester and reading, beside each value's origin. */
export interface Reading {
  /** The tool destroys something, and the requester's own words ask for that. */
  readonly isAsked: boolean;
  /** The least trusted of everything that was read. */
  readonly leastTrusted: Trust;
}

export function taintOf(traced: readonly TracedArgument[], { effect, destructive, adapter }: Pick<ToolContract, 'effect' | 'destructive' | 'adapter'>, { isAsked, leastTrusted: least }: Reading): Taint {
  const isRead = effect === 'read';
  const sinks = traced.filter((argument) => argument.role === 'sink' && !isAtLeast(argument.trust, 'endorsed'));
  // What a read looks at is a matter of which tools are visible.
  const untrustedTargets = isRead ? [] : traced.filter(({ role, grounds }) => role === 'target' && (grounds === undefined || (destructive === true && !(isAsked && grounds === 'stated'))));
  return {
    thirdPartySinks: sinks.filter((sink) => sink.trust === 'third-party'),
    unprovenSinks: sinks.filter((sink) => sink.trust !== 'third-party'),
    untrustedTargets,
    contentTrust: traced.filter((argument) => argument.role === 'content').reduce<Trust>((least, argument) => leastTrusted(least, argument.trust), 'user'),
    // A value that is held up says it already; Holdfast's own tools wait, or start what is judged by itself.
    isUnasked: !isRead && adapter !== RUNTIME_ADAPTER && !isAtLeast(least, 'organisation') && sinks.length === 0 && untrustedTargets.length === 0 && !traced.some(isRequesters),
    secretContent: traced.some(({ role }) => role === 'sink') ? traced.filter(({ secrecy }) => secrecy === 'secret') : [],
  };
}

/** True for a value by which the requester, or who vouches for it, has a part in the call; a date or a choice could be anybody's. */
function isRequesters({ role, trust, grounds, value }: TracedArgument): boolean {
  if (role === 'target') return grounds !== undefined;
  if (role === 'sink') return isAtLeast(trust, 'endorsed');
  return trust === 'user' && value.length >= SHORTEST_WORDS && /\p{L}/u.test(value) && !isDate(value);
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
    unasked: taint.isUnasked,
    secrecy,
  };
  return { context, risk };
}
