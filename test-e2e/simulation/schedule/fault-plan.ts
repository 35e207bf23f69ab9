import type { Fault, FaultKind } from './schedule.ts';

/** What faults are counted by. */
type Counted = 'message' | 'delivery' | 'read' | 'tool' | 'model' | 'call';

const COUNTED_BY: Readonly<Record<FaultKind, Counted>> = {
  drop: 'message', delay: 'message', duplicate: 'message', crash: 'message', pause: 'message', 'power-loss': 'message', 'policy-down': 'message', quarantine: 'message',
  redelivery: 'delivery', 'stale-read': 'read', tool: 'tool', model: 'model', forgery: 'call',
};

/** The faults of a schedule, each of which comes up once when what it counts has been counted. */
export class FaultPlan {
  /** How often each kind of fault really happened. */
  readonly happened: Partial<Record<FaultKind, number>> = {};
  private readonly counts: Record<Counted, number> = { message: 0, delivery: 0, read: 0, tool: 0, model: 0, call: 0 };
  private readonly due = new Map<string, Fault[]>();
  private over = false;

  constructor(faults: readonly Fault[]) {
    for (const fault of faults) {
      const place = `${COUNTED_BY[fault.kind]} ${fault.nth}`;
      this.due.set(place, [...(this.due.get(place) ?? []), fault]);
    }
  }

  /** Counts one more, and returns what goes wrong with it: faults of the kinds that are counted so. */
  next<K extends FaultKind = FaultKind>(counted: Counted): readonly Extract<Fault, { kind: K }>[] {
    const nth = this.counts[counted];
    this.counts[counted] = nth + 1;
    if (this.over || this.due.size === 0) return [];
    const found = this.due.get(`${counted} ${nth}`) ?? [];
    for (const { kind } of found) this.happened[kind] = (this.happened[kind] ?? 0) + 1;
    return found as unknown as readonly Extract<Fault, { kind: K }>[];
  }

  get messages(): number {
    return this.counts.message;
  }

  /** From now on nothing goes wrong any more. */
  stop(): void {
    this.over = true;
  }
}
