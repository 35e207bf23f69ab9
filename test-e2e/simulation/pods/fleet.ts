import type { WorkMessage } from '@holdfast/bus';
import type { Role, RunKey } from '@holdfast/contracts';
import type { RunState } from '@holdfast/run';
import { processOf, type Process, type Timeline } from '../time/timeline.ts';
import type { Trace } from '../time/trace.ts';
import { TwinBus, type TwinBusMeans } from './twin-bus.ts';

/** One life of a service: after a crash it lives again under the same name, with nothing but what the broker holds. */
export interface Life {
  readonly process: Process;
  readonly bus: TwinBus;
  /** An orchestrator's idea of a run. */
  stateOf?: (key: RunKey) => Promise<RunState>;
  note(level: string, text: string): void;
  onError(error: unknown, message: WorkMessage): void;
  onMissing(description: string): void;
  onUnreadable(error: unknown): void;
}

interface Kept {
  readonly role: Role;
  readonly begin: (life: Life) => void;
  life: Life;
}

export interface FleetMeans extends TwinBusMeans {
  readonly timeline: Timeline;
  readonly trace: Trace;
  /** Told of what no service may ever say, whatever befalls it. */
  readonly onScandal: (description: string) => void;
}

/** The services of a schedule, each of which is started again when it was killed. */
export class Fleet {
  private readonly kept = new Map<string, Kept>();
  private readonly means: FleetMeans;

  constructor(means: FleetMeans) {
    this.means = means;
  }

  get lives(): readonly Life[] {
    return [...this.kept.values()].map((kept) => kept.life);
  }

  /** True while every service runs. */
  get isWhole(): boolean {
    return this.lives.every((life) => life.process.state === 'running');
  }

  keep(name: string, role: Role, begin: (life: Life) => void): void {
    const life = this.lifeOf(name, role);
    this.kept.set(name, { role, begin, life });
    this.means.timeline.after(0, life.process, () => begin(life));
  }

  /** Kills the process now; it is started again after so many milliseconds. */
  crash(process: Process, downMs: number): void {
    const kept = this.kept.get(process.name);
    if (kept === undefined || kept.life.process !== process || process.state === 'dead') return;
    this.means.trace.note(process.name, 'is killed', '');
    process.state = 'dead';
    process.backlog.length = 0;
    kept.life.bus.disconnect();
    this.means.timeline.after(downMs, this.means.broker.process, () => this.revive(process.name));
  }

  /** Stops the process without its knowing, as SIGSTOP does; it wakes after so many milliseconds. */
  pause(process: Process, ms: number): void {
    if (process.state !== 'running' || !this.kept.has(process.name)) return;
    process.state = 'paused';
    this.means.timeline.after(ms, this.means.broker.process, () => this.wake(process));
  }

  /** Everybody is up again, and stays so. */
  heal(): void {
    for (const [name, kept] of this.kept) {
      if (kept.life.process.state === 'dead') this.revive(name);
      else this.wake(kept.life.process);
    }
  }

  ofRole(role: Role): readonly Life[] {
    return [...this.kept.values()].filter((kept) => kept.role === role).map((kept) => kept.life);
  }

  private wake(process: Process): void {
    if (process.state !== 'paused') return;
    this.means.trace.note(process.name, 'wakes', '');
    this.means.timeline.wake(process);
  }

  private revive(name: string): void {
    const kept = this.kept.get(name);
    if (kept === undefined || kept.life.process.state !== 'dead') return;
    this.means.trace.note(name, 'starts', '');
    kept.life = this.lifeOf(name, kept.role);
    const { life } = kept;
    this.means.timeline.after(0, life.process, () => kept.begin(life));
  }

  private lifeOf(name: string, role: Role): Life {
    const { trace, onScandal } = this.means;
    const process = processOf(name);
    return {
      process,
      bus: new TwinBus(process, role, this.means),
      note: (level, text) => trace.note(name, level, text),
      onError: (error, message) => trace.note(name, 'fails', `${message.subject}: ${String(error)}`),
      onMissing: (description) => onScandal(`${name} misses a consumer: ${description}`),
      onUnreadable: (error) => onScandal(`${name} cannot read a commit: ${String(error)}`),
    };
  }
}
