/** Whoever runs code in the simulation. Nothing of a dead one runs again; what is due to a paused one waits for it. */
export interface Process {
  readonly name: string;
  state: 'running' | 'paused' | 'dead';
  /** What became due while it was paused, in order. */
  readonly backlog: Moment[];
}

export function processOf(name: string): Process {
  return { name, state: 'running', backlog: [] };
}

/** Something that is due; also what the virtual `setTimeout` returns. */
export interface Moment {
  at: number;
  order: number;
  readonly owner: Process;
  readonly action: () => void;
  /** For intervals, in milliseconds. */
  readonly every: number | undefined;
  cancelled: boolean;
}

/** The first instant of every schedule, in milliseconds since the Unix epoch. */
export const BEGINNING = 1_700_000_000_000;

/** A schedule has hundreds of moments, a few thousand at worst; one that has so many goes round in circles. */
const MOMENTS_AT_MOST = 60_000;

/**
 * Virtual time, and the one queue of everything that will happen. Between two moments all microtasks run dry, so each
 * moment is one process's uninterrupted piece of work: whoever's moment it is, is who runs.
 */
export class Timeline {
  /** Milliseconds since the Unix epoch, with fractions. */
  now = BEGINNING;
  /** Whose code is running. */
  current: Process;
  private readonly heap: Moment[] = [];
  private made = 0;
  private stopped = false;
  private passed = 0;

  constructor(first: Process) {
    this.current = first;
  }

  after(delayMs: number, owner: Process, action: () => void, every?: number): Moment {
    // What is asked for in the same instant keeps its order.
    const moment: Moment = { at: this.now + Math.max(0, delayMs), order: this.made, owner, action, every, cancelled: false };
    this.made += 1;
    this.push(moment);
    return moment;
  }

  /** Everything that was due meanwhile happens now, in order. */
  wake(process: Process): void {
    if (process.state !== 'paused') return;
    process.state = 'running';
    for (const moment of process.backlog.splice(0)) this.again(moment, this.now);
  }

  stop(): void {
    this.stopped = true;
  }

  /** Lets things happen until {@link stop}, or until nothing is left. Rejects with what a moment's action throws itself. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      // A tick that a microtask asks for runs when all microtasks are done: Node's own way to wait for them.
      const step = (): void => {
        try {
          this.passed += 1;
          if (this.passed > MOMENTS_AT_MOST) throw new RangeError(`more than ${MOMENTS_AT_MOST} moments have passed`);
          const moment = this.stopped ? undefined : this.pop();
          if (moment === undefined) {
            resolve();
            return;
          }
          this.happen(moment);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        queueMicrotask(nextTick);
      };
      const nextTick = (): void => process.nextTick(step);
      step();
    });
  }

  private happen(moment: Moment): void {
    this.now = Math.max(this.now, moment.at);
    if (moment.cancelled || moment.owner.state === 'dead') return;
    if (moment.owner.state === 'paused') {
      moment.owner.backlog.push(moment);
      return;
    }
    this.current = moment.owner;
    if (moment.every !== undefined) this.again(moment, this.now + moment.every);
    moment.action();
  }

  private again(moment: Moment, at: number): void {
    moment.at = at;
    moment.order = this.made;
    this.made += 1;
    this.push(moment);
  }

  /** A binary heap, by instant and then by order. */
  private push(moment: Moment): void {
    const { heap } = this;
    let at = heap.push(moment) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(moment, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = moment;
  }

  private pop(): Moment | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      const nearer = one !== undefined && other !== undefined && isBefore(other, one) ? left + 1 : left;
      const below = heap[nearer];
      if (below === undefined || !isBefore(below, last)) break;
      heap[at] = below;
      at = nearer;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Moment, other: Moment): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
