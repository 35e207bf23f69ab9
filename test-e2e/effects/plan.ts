import type { EffectClass } from '@holdfast/contracts';

/** The moments in the life of a call at which its worker is struck, in their order; the last two strike without a kill. */
export const MOMENTS = ['before-claim', 'after-claim', 'request-sent', 'after-effect', 'after-outcome', 'after-report', 'two-at-once', 'zombie'] as const;
export type Moment = (typeof MOMENTS)[number];

export const MOMENT_NAMES: Readonly<Record<Moment, string>> = {
  'before-claim': 'before the claim',
  'after-claim': 'after the claim',
  'request-sent': 'request sent',
  'after-effect': 'after the effect',
  'after-outcome': 'outcome recorded',
  'after-report': 'after the report',
  'two-at-once': 'two runs at once',
  zombie: 'paused, woken late',
};

export const EFFECT_CLASSES: readonly EffectClass[] = ['read', 'idempotent', 'keyed', 'reconcilable', 'at-most-once'];

/** One cell of the matrix. */
export interface Cell {
  readonly effect: EffectClass;
  readonly moment: Moment;
}

/** A cell played once. The operation's name is its own, so that rounds do not meet in the ledger. */
export interface Round extends Cell {
  readonly operation: string;
  /** What the service does with a request whose sender was killed before it acted: it may well act all the same. */
  readonly actsForTheDead: boolean;
}

/** Reads are not claimed, have no outcome in the ledger, and leave nothing that two workers could disagree on. */
const WITHOUT_LEDGER: ReadonlySet<Moment> = new Set(['after-claim', 'zombie']);

export function isPlayed({ effect, moment }: Cell): boolean {
  return effect !== 'read' || !WITHOUT_LEDGER.has(moment);
}

/** Every cell that was asked for, `rounds` times, in an order that the seed decides. */
export function planRounds(cells: readonly Cell[], rounds: number, random: () => number): readonly Round[] {
  const planned = cells.filter(isPlayed).flatMap((cell) =>
    Array.from({ length: rounds }, (_, index): Round => ({ ...cell, operation: `${cell.effect}.${cell.moment}.${index + 1}`, actsForTheDead: index % 2 === 0 })));
  return planned.map((round) => ({ round, at: random() })).sort((a, b) => a.at - b.at).map(({ round }) => round);
}

/** What became of a round: how its runs' calls ended, and what the service's own database says. */
export interface Seen {
  readonly calls: readonly ('succeeded' | 'in-doubt' | 'failed' | 'unsettled')[];
  readonly effects: number;
  /** Where the runs were in doubt: how they and the effects stood once a person had said what the service's record shows. */
  readonly resolved?: { readonly calls: Seen['calls']; readonly effects: number };
  /** False when nobody was struck, so that the round showed nothing of its moment and has to be played again. */
  readonly struck: boolean;
}

/**
 * What is wrong with a round; undefined when it kept its promise. Exactly one effect, and everybody is given it; for a tool
 * that has neither key nor query, at most one, and where it is not known to be one, every run says so by its doubt.
 */
export function faultOf({ effect }: Cell, { calls, effects, resolved }: Seen): string | undefined {
  if (effects > 1) return `${effects} effects`;
  if (calls.includes('unsettled')) return 'a call has no end';
  if (calls.includes('failed')) return 'a call failed';
  if (effect === 'read') return calls.every((call) => call === 'succeeded') ? undefined : 'a read is in doubt';
  if (effect === 'at-most-once' && calls.every((call) => call === 'in-doubt')) return resolved === undefined ? undefined : faultOfResolved(resolved);
  if (calls.includes('in-doubt')) return effect === 'at-most-once' ? 'two runs were told different things' : 'in doubt, though it could be found out';
  return effects === 1 ? undefined : 'a success without an effect';
}

/** A person said that it happened, or had it tried again: now there is one effect, and every run goes on with it. */
function faultOfResolved({ calls, effects }: NonNullable<Seen['resolved']>): string | undefined {
  if (effects !== 1) return `${effects} effects after a person's word`;
  return calls.every((call) => call === 'succeeded') ? undefined : 'a person\'s word was in vain';
}
