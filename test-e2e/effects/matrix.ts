import { createRunDirectory } from '@holdfast/deploy';
import { Random } from '../faults/workload/random.ts';
import { Arena } from './play.ts';
import { EFFECT_CLASSES, MOMENTS, MOMENT_NAMES, faultOf, isPlayed, planRounds, type Cell, type Round, type Seen } from './plan.ts';

export interface MatrixPlan {
  readonly cells: readonly Cell[];
  readonly rounds: number;
  readonly seed: number;
  /** A guarantee that is taken away; see `injection/switches.ts`. */
  readonly without?: string | undefined;
}

export interface Played {
  readonly round: Round;
  readonly seen: Seen;
  readonly fault: string | undefined;
}

/** Rounds at once. Fewer than workers, so that one is left when all others are paused. */
const LANES = 2;
const MOST_REPEATS = 4;
const NEVER_STRUCK = new Set(['two-at-once']);

/** Plays the cells on one installation, and stops everything that it started. */
export async function playMatrix(plan: MatrixPlan): Promise<readonly Played[]> {
  const directory = await createRunDirectory();
  const random = new Random(plan.seed);
  const waiting = [...planRounds(plan.cells, plan.rounds, () => random.next())];
  const played: Played[] = [];
  const arena = await Arena.open(directory, plan.without);
  let failed = true;
  try {
    /** A round whose strike a neighbour's kill forestalled is played once more, as another operation. */
    const again = (round: Round): boolean => round.operation.length - round.operation.replaceAll('+', '').length < MOST_REPEATS && waiting.push({ ...round, operation: `${round.operation}+` }) > 0;
    const lane = async (): Promise<void> => {
      for (let round = waiting.shift(); round !== undefined; round = waiting.shift()) {
        const seen = await arena.play(round);
        const fault = faultOf(round, seen) ?? (seen.struck || again(round) ? undefined : 'nobody was struck, however often it was tried');
        if (fault !== undefined) console.log(`${round.operation}: ${fault} (${seen.calls.join(', ')}; ${seen.effects} effects)`);
        played.push({ round, seen, fault });
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    failed = played.some(({ fault }) => fault !== undefined);
  } finally {
    await arena.close();
    if (failed && plan.without === undefined) console.log(`The logs of this installation are in ${directory.path}.`);
    else await directory.remove();
  }
  return played;
}

/** A row for each effect class, a column for each moment: how often of how many it kept its promise, and how. */
export function tableOf(played: readonly Played[]): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return Object.fromEntries(EFFECT_CLASSES.map((effect) => [effect, Object.fromEntries(MOMENTS.map((moment) => [MOMENT_NAMES[moment], cellText({ effect, moment }, played)]))]));
}

function cellText(cell: Cell, played: readonly Played[]): string {
  const own = played.filter(({ round }) => round.effect === cell.effect && round.moment === cell.moment);
  if (own.length === 0) return isPlayed(cell) ? '' : 'no ledger';
  const once = own.filter(({ seen }) => seen.effects === 1 && !seen.calls.includes('in-doubt')).length;
  const inDoubt = (effects: number): number => own.filter(({ seen }) => seen.effects === effects && seen.calls.includes('in-doubt')).length;
  const parts = [
    cell.effect === 'read' ? `${own.filter(({ fault }) => fault === undefined).length} read` : `${once} once`,
    ...(inDoubt(1) === 0 ? [] : [`${inDoubt(1)} doubted (1)`]), ...(inDoubt(0) === 0 ? [] : [`${inDoubt(0)} doubted (0)`]),
    ...(own.some(({ fault }) => fault !== undefined) ? [`${own.filter(({ fault }) => fault !== undefined).length} BROKEN`] : []),
  ];
  return parts.join(', ');
}

/** The figures of all rounds. */
export function summaryOf(played: readonly Played[]) {
  const effects = played.map(({ round, seen }) => (round.effect === 'read' ? 0 : seen.effects));
  return {
    rounds: played.length,
    strikes: played.filter(({ round, seen }) => seen.struck && !NEVER_STRUCK.has(round.moment)).length,
    effects: effects.reduce((sum, count) => sum + count, 0),
    duplicates: effects.filter((count) => count > 1).length,
    inDoubt: played.filter(({ seen }) => seen.calls.includes('in-doubt')).length,
    unsettled: played.filter(({ seen }) => seen.calls.includes('unsettled')).length,
    broken: played.filter(({ fault }) => fault !== undefined).length,
  };
}
