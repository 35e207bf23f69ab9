import type { Chance } from '../time/chance.ts';
import type { Process, Timeline } from '../time/timeline.ts';
import type { Trace } from '../time/trace.ts';
import type { FaultPlan } from '../schedule/fault-plan.ts';
import type { Fault } from '../schedule/schedule.ts';

/** Faults that befall a process, the broker or the tools, and not the message at which they happen. */
export type Mishap = Extract<Fault, { kind: 'crash' | 'pause' | 'power-loss' | 'policy-down' | 'quarantine' }>;

export interface NetworkMeans {
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly chance: Chance;
  readonly faults: FaultPlan;
}

/** One message on its way between a process and the broker, or between two processes. */
export interface Hop {
  /** The end whose process a fault at this message hits. */
  readonly end: Process;
  readonly direction: 'out' | 'in';
  readonly what: string;
  /** Whose moment the arrival is. */
  readonly to: Process;
  readonly arrive: () => void;
}

/** Carries messages: each takes its time, so any two may overtake each other; and some meet a fault on the way. */
export class Network {
  /** Set by whoever knows how to kill and to pause. */
  befall: (mishap: Mishap, process: Process) => void = () => undefined;
  private readonly means: NetworkMeans;

  constructor(means: NetworkMeans) {
    this.means = means;
  }

  send({ end, direction, what, to, arrive }: Hop): void {
    const { timeline, trace, faults } = this.means;
    if (end.state === 'dead') return;
    trace.note(end.name, direction, what);
    let copies = [this.latency()];
    for (const fault of faults.next('message')) {
      trace.note(end.name, 'meets', fault.kind);
      switch (fault.kind) {
        case 'drop':
          copies = [];
          break;
        case 'delay':
          copies = copies.map((latency) => latency + fault.ms);
          break;
        case 'duplicate':
          copies.push(this.latency() + fault.ms);
          break;
        case 'crash':
          if (direction === 'out' && !fault.sent) copies = [];
          this.befall(fault, end);
          break;
        case 'pause':
        case 'power-loss':
        case 'policy-down':
        case 'quarantine':
          this.befall(fault, end);
          break;
        default:
          break;
      }
    }
    for (const latency of copies) timeline.after(latency, to, arrive);
  }

  /** Milliseconds: mostly under one, now and then much more. */
  private latency(): number {
    const { chance } = this.means;
    const latency = 0.1 + chance.next() * 0.7;
    return chance.happens(0.04) ? latency + chance.next() * 12 : latency;
  }
}
