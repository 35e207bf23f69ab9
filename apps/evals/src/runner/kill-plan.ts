import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedCommit } from '@holdfast/contracts';
import { fits } from '../scoring/matching.js';
import type { KillRecord } from '../scoring/scorers.js';
import type { Kill, Killable } from '../suites/suite.js';

/** What a plan kills through. */
export interface Killer {
  kill(process: Killable): Promise<void>;
  start(process: Killable): Promise<void>;
}

interface Made {
  readonly process: Killable;
  readonly atCommit: number;
  readonly killedAt: number;
  restartMs: number;
  recoveryMs: number | undefined;
}

/** Carries out a case's kills: each once, when its moment comes, and the process is started again. */
export class KillPlan {
  private readonly waiting: { readonly kill: Kill; seen: number }[];
  private readonly timed: readonly Kill[];
  private readonly made: Made[] = [];
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly working: Promise<void>[] = [];
  private lastCommit = 0;
  private underWay = 0;

  /** `now` tells milliseconds on a clock that never goes back. */
  constructor(kills: readonly Kill[], private readonly killer: Killer | undefined, private readonly now: () => number) {
    this.waiting = kills.filter(({ when }) => 'event' in when).map((kill) => ({ kill, seen: 0 }));
    this.timed = kills.filter(({ when }) => 'milliseconds' in when);
  }

  /** The task has been accepted: times are counted from now. */
  begin(): void {
    for (const kill of this.timed) if ('milliseconds' in kill.when) this.timers.push(setTimeout(() => this.carryOut(kill), kill.when.milliseconds));
  }

  /** To be told each commit once, in order. */
  heard({ commit }: RecordedCommit): void {
    const at = this.now();
    this.lastCommit = commit.number;
    for (const kill of this.made) if (commit.number > kill.atCommit) kill.recoveryMs ??= at - kill.killedAt;
    for (const event of commit.events) {
      for (const entry of [...this.waiting]) {
        const { when } = entry.kill;
        if (!('event' in when) || !fits(event, { event: when.event, ...(when.tool === undefined ? {} : { tool: when.tool }) })) continue;
        entry.seen += 1;
        if (entry.seen < when.after) continue;
        this.waiting.splice(this.waiting.indexOf(entry), 1);
        this.carryOut(entry.kill);
      }
    }
  }

  /** Something is being killed or started. */
  get isBusy(): boolean {
    return this.underWay > 0;
  }

  /** Kills no more and resolves when everything that was killed is ready again. Throws when something did not come up. */
  async finish(): Promise<readonly KillRecord[]> {
    for (const timer of this.timers) clearTimeout(timer);
    this.waiting.length = 0;
    const results = await Promise.allSettled(this.working);
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    return this.made.map(({ process, atCommit, restartMs, recoveryMs }) => ({ process, atCommit, restartMs, ...(recoveryMs === undefined ? {} : { recoveryMs }) }));
  }

  private carryOut(kill: Kill): void {
    this.underWay += 1;
    const work = this.killAndStart(kill).finally(() => (this.underWay -= 1));
    // Told by `finish`; until then a rejection must not end the service.
    work.catch(() => undefined);
    this.working.push(work);
  }

  private async killAndStart({ process, delayMilliseconds, downMilliseconds }: Kill): Promise<void> {
    if (delayMilliseconds > 0) await sleep(delayMilliseconds);
    const killedAt = this.now();
    await this.killer?.kill(process);
    // A commit that was made before the process was gone is no sign of recovery.
    const made: Made = { process, atCommit: this.lastCommit, killedAt, restartMs: 0, recoveryMs: undefined };
    this.made.push(made);
    if (downMilliseconds > 0) await sleep(downMilliseconds);
    await this.killer?.start(process);
    made.restartMs = this.now() - killedAt;
  }
}
