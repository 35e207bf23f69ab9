import type { Context } from '@cedar-policy/cedar-wasm/nodejs';
import { RUNTIME_ADAPTER, isAtLeast, leastTrusted, type AgentDeclaration, type Secrecy, type Task, type ToolContract, type Trust } from '@holdfast/contracts';
import type { Counted } from '../origins/counters.js';
import { isDate } from '../origins/dates.js';
import { isDestructive } from '../origins/destroying.js';
import type { TracedArgument } from '../origins/trace-arguments.js';
import { scoreRisk, type RiskScore } from '../risk/score.js';
import type { BundledTool } from './bundle.js';
import { valueOfType } from './input-types.js';

/** What is known of the run around a call. */
export interface Circumstances {
  /** Whose run it is; people and services of other tenants may have the same names. */
  readonly tenant: string;
  readonly agent: AgentDeclaration;
  readonly task: Pick<Task, 'type' | 'requester' | 'requesterRoles' | 'scope'>;
  /** The digest of the agent's declaration with which the run was accepted; the present one when left out. */
  readonly agentVersion?: string;
  readonly environment: string;
  /** The scopes of memory that the run may work with; none when left out. */
  readonly memoryScopes?: readonly string[];
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
  /** Something that it acts upon, or where it goes, was not stated by the requester, and the tool has not acted upon it in this run. */
  readonly isNovel: boolean;
  /** Text that may hold something secret and would go to a sink. */
  readonly secretContent: readonly TracedArgument[];
  /** Nothing in this call is the requester's, neither its text, nor what it acts upon for the first time. */
  readonly isUnasked: boolean;
}

/** What may be believed of a call's values. `isRepeated` says of the things that it acts upon whether the tool has acted upon all of them before. */
export function taintOf(traced: readonly TracedArgument[], contract: ToolContract, isRepeated: (values: readonly string[]) => boolean): Taint {
  const isRead = contract.effect === 'read';
  const destroys = isDestructive(contract);
  const isOwn = contract.adapter === RUNTIME_ADAPTER;
  const sinks = traced.filter((argument) => argument.role === 'sink' && !isAtLeast(argument.trust, 'endorsed'));
  // What a read looks at is a matter of which tools are visible.
  const untrustedTargets = isRead ? [] : traced.filter(({ role, grounds, isAsked }) => role === 'target' && (grounds === undefined || (destroys && isAsked !== true)));
  return {
    thirdPartySinks: sinks.filter((sink) => sink.trust === 'third-party'),
    unprovenSinks: sinks.filter((sink) => sink.trust !== 'third-party'),
    untrustedTargets,
    contentTrust: traced.filter((argument) => argument.role === 'content').reduce<Trust>((lowest, argument) => leastTrusted(lowest, argument.trust), 'user'),
    // A value that is held up says it already; Holdfast's own tools wait, or start what is judged by itself.
    isUnasked: !isRead && !isOwn && contract.confined !== true && sinks.length === 0 && untrustedTargets.length === 0 && !hasPart(traced, isRepeated),
    isNovel: !isRead && !isOwn && traced.some(({ role, trust, grounds, isWithin, value }) => isWithin !== true && (role === 'target' ? grounds !== 'stated' : role === 'sink' && trust !== 'user') && !isRepeated([value])),
    secretContent: isOwn ? [] : secretsIn(traced, contract),
  };
}

/**
 * True where the requester has a part in what a call does: they named what it acts upon or where it goes, and it is the first
 * call to do so, or they wrote the longest text in it. A word of theirs in some field beside a text of somebody else's would
 * make that text no more wanted; nor does a date or a choice, which could be anybody's.
 */
function hasPart(traced: readonly TracedArgument[], isRepeated: (values: readonly string[]) => boolean): boolean {
  const things = traced.filter(({ role, isWithin }) => (role === 'target' || role === 'sink') && isWithin !== true);
  const isNamed = things.some(({ role, trust, grounds }) => (role === 'target' ? grounds !== undefined : isAtLeast(trust, 'endorsed')));
  if (isNamed && !isRepeated(things.map(({ value }) => value))) return true;
  const texts = traced.filter(({ role, value }) => role === 'content' && value.length >= SHORTEST_WORDS && /\p{L}/u.test(value) && !isDate(value));
  const longest = texts.reduce((most, { value }) => Math.max(most, value.length), 0);
  return texts.some(({ trust, value }) => trust === 'user' && value.length === longest);
}

/** What may be secret and would leave: a text by whatever writes it where others read, or asks an outsider; a record by what sends it somewhere. */
function secretsIn(traced: readonly TracedArgument[], { effect, confined, outputLabel }: ToolContract): readonly TracedArgument[] {
  const sends = traced.some(({ role }) => role === 'sink');
  const leaves = sends || (confined !== true && (effect !== 'read' || !isAtLeast(outputLabel.trust, 'organisation')));
  return traced.filter(({ role, secrecy }) => secrecy === 'secret' && (role === 'target' ? sends : leaves));
}

/** What of the run so far is the same for every value of a call. */
export interface RunSoFar {
  readonly secrecy: Secrecy;
  readonly counted: Counted;
}

/** The Cedar context of one call, and the risk that it states. Throws `TypeError` for an amount that is no safe integer. */
export function contextOf(circumstances: Circumstances, tool: BundledTool, args: Readonly<Record<string, unknown>>, taint: Taint, { secrecy, counted }: RunSoFar): { readonly context: Context; readonly risk: RiskScore } {
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
    isNovel: taint.isNovel, isUnasked: taint.isUnasked, carriesSecrets: taint.secretContent.length > 0, isDestructive: isDestructive(contract),
  });
  const names = (list: readonly TracedArgument[]): string[] => [...new Set(list.map((argument) => argument.argument))];
  const context: Context = {
    tenant: circumstances.tenant,
    taskType: circumstances.task.type,
    requester: circumstances.task.requester,
    environment: circumstances.environment,
    trustTier: circumstances.agent.trustTier,
    effect: contract.effect,
    amount: Number(amount),
    risk: risk.score,
    input: valueOfType(tool.input, args),
    untrustedSinks: names([...taint.thirdPartySinks, ...taint.unprovenSinks]),
    thirdPartySinks: names(taint.thirdPartySinks),
    unprovenSinks: names(taint.unprovenSinks),
    untrustedTargets: names(taint.untrustedTargets),
    contentTrust: taint.contentTrust,
    secretContent: names(taint.secretContent),
    unasked: taint.isUnasked,
    counters: { ...counted },
    secrecy,
  };
  return { context, risk };
}
