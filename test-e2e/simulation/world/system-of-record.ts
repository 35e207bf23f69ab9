import { ToolError, type CallContext, type Reconciliation } from '@holdfast/tool-sdk';
import type { Chance } from '../time/chance.ts';
import { processOf, type Process, type Timeline } from '../time/timeline.ts';
import type { Trace } from '../time/trace.ts';
import type { FaultPlan } from '../schedule/fault-plan.ts';
import type { ToolName } from '../schedule/schedule.ts';

/** The arguments of every tool of the simulated world. */
export interface Order {
  readonly operation: string;
  readonly amountCents: number;
}

/** Something that happened in the outside world, and could not be undone. */
export interface Effect {
  readonly tool: ToolName;
  readonly order: Order;
  readonly runId: string;
  readonly callId: string;
  readonly operationKey: string | undefined;
  readonly at: number;
}

export interface Receipt {
  readonly receipt: string;
}

export interface SystemOfRecordMeans {
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly chance: Chance;
  readonly faults: FaultPlan;
  /** Told of each effect before anything else can happen. */
  readonly onEffect: (effect: Effect) => void;
}

/** How much later than its caller's patience a late request acts, in milliseconds. */
const LATE_MS = 1_400;

/**
 * The world outside, which counts what happens to it. It keeps each effect class's own promise and no more: `set` may be
 * repeated, `pay` knows operation keys, `ship` can be asked, and `wire` does whatever it is told as often as it is told.
 */
export class SystemOfRecord {
  readonly effects: Effect[] = [];
  private readonly process: Process = processOf('world');
  private readonly means: SystemOfRecordMeans;

  constructor(means: SystemOfRecordMeans) {
    this.means = means;
  }

  /** True when the operation took effect, as a person who looks finds out. */
  holds(tool: string, operation: string): boolean {
    return this.effects.some((effect) => effect.tool === tool && effect.order.operation === operation);
  }

  act(tool: ToolName, order: Order, context: CallContext): Promise<Receipt> {
    const { timeline, faults } = this.means;
    const caller = timeline.current;
    if (caller.state === 'dead') return new Promise(() => undefined);
    const fault = faults.next<'tool'>('tool')[0]?.how;
    return new Promise((resolve, reject) => {
      const answer = (act: () => void): void => void timeline.after(this.latency(), caller, act);
      if (fault === 'request-lost') return;
      // A system that acts after its caller has gone cannot be asked what happened, so nobody may declare it reconcilable.
      const late = fault === 'late' && tool !== 'ship' ? LATE_MS : 0;
      timeline.after(this.latency() + late, this.process, () => {
        if (fault === 'refused') answer(() => reject(ToolError.refused({ message: 'The order is refused.' })));
        else if (fault === 'not-done') answer(() => reject(ToolError.notDone({ message: 'Not now.' })));
        else {
          this.happen(tool, order, context);
          if (fault !== 'answer-lost') answer(() => resolve({ receipt: `${tool} ${order.operation}` }));
        }
      });
    });
  }

  ask(tool: ToolName, order: Order): Promise<Reconciliation<Receipt>> {
    const { timeline, faults } = this.means;
    const caller = timeline.current;
    const fault = faults.next<'tool'>('tool')[0];
    return new Promise((resolve) => {
      if (fault !== undefined) return;
      timeline.after(this.latency(), this.process, () => {
        const found = this.holds(tool, order.operation);
        timeline.after(this.latency(), caller, () => resolve(found ? { status: 'done', result: { receipt: `${tool} ${order.operation}` } } : { status: 'not-done' }));
      });
    });
  }

  private happen(tool: ToolName, order: Order, { runId, callId, operationKey }: CallContext): void {
    if (tool === 'look') return;
    const effect: Effect = { tool, order, runId, callId, operationKey, at: this.means.timeline.now };
    this.means.trace.note('world', tool, order.operation);
    this.means.onEffect(effect);
    const known = this.effects.some((earlier) => earlier.tool === tool && earlier.order.operation === order.operation && (tool === 'set' ? earlier.order.amountCents === order.amountCents : tool === 'pay' && earlier.operationKey === operationKey));
    if (!known) this.effects.push(effect);
  }

  private latency(): number {
    return 0.2 + this.means.chance.next() * 2;
  }
}
