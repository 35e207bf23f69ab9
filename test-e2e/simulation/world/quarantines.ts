import type { Timeline } from '../time/timeline.ts';

interface Period {
  readonly sequence: number;
  readonly from: number;
  readonly until: number;
}

/** How much later than the registry each further worker hears of it, in milliseconds. */
const LAG_MS = 220;

/** Times in which people have not accepted the tools' contracts. Workers hear of their beginning and end later than they are. */
export class Quarantines {
  private readonly periods: Period[] = [];
  private readonly timeline: Timeline;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  begin(ms: number): void {
    const { now } = this.timeline;
    this.periods.push({ sequence: this.periods.length + 1, from: now, until: now + ms });
  }

  /** What a worker believes; the n-th, from 0, hears of everything n lags late. */
  heardBy(nth: number): { readonly sequence: number; readonly reason: string } | undefined {
    const then = this.timeline.now - nth * LAG_MS;
    const found = this.periods.findLast(({ from, until }) => from <= then && then < until);
    return found === undefined ? undefined : { sequence: found.sequence, reason: 'The contract is not accepted.' };
  }

  /** How long it lasts until nothing is quarantined any more; 0 when nothing is. */
  get leftMs(): number {
    return Math.max(0, ...this.periods.map(({ until }) => until - this.timeline.now));
  }

  /** The latest quarantine, up to which everything is lifted once {@link leftMs} is over. */
  get latest(): number {
    return this.periods.length;
  }
}
