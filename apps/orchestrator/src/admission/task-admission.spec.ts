import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunKey } from '@holdfast/contracts';
import { ActiveRuns } from './active-runs.js';
import { TaskAdmission, type Admitted } from './task-admission.js';

const LIMIT = 20;
const PLACES = 16;
/** What a broker hands out of one consumer without being acknowledged. */
const WINDOW = 512;
const partitions: Partition[] = [];
afterEach(() => partitions.splice(0).forEach(({ admission }) => admission.close()));
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A partition with a planner that takes steps in the order of the log; each run has so many. */
class Partition {
  now = 0;
  readonly active = new ActiveRuns(LIMIT, () => this.now);
  private drawn = 0;
  readonly admission = new TaskAdmission(this.active, PLACES, () => this.now, () => (this.drawn += 0.618_034) % 1);
  readonly steps: RunKey[] = [];
  readonly begun: RunKey[] = [];
  private readonly inbox: RunKey[] = [];
  private readonly away: { readonly key: RunKey; readonly until: number }[] = [];
  private readonly left = new Map<string, number>();
  private inHand = 0;

  constructor(private readonly stepsOfRun = 1) {
    partitions.push(this);
  }

  send(tenant: string, count: number): void {
    for (let index = 0; index < count; index += 1) this.inbox.push({ tenant, runId: `${tenant}-${index}` });
  }

  /** A step of a run that has begun long ago. */
  step(key: RunKey): void {
    this.steps.push(key);
  }

  /** 100 ms, in which the planner takes so many steps. */
  async tick(capacity: number): Promise<readonly RunKey[]> {
    this.now += 100;
    const done = this.steps.splice(0, capacity);
    for (const key of done) this.finish(key);
    for (const { key } of this.away.filter(({ until }) => until <= this.now)) this.inbox.unshift(key);
    this.away.splice(0, this.away.length, ...this.away.filter(({ until }) => until > this.now));
    while (this.inHand < PLACES && this.inbox.length > 0 && this.inHand + this.away.length < WINDOW) {
      const key = this.inbox.shift();
      if (key === undefined) break;
      this.inHand += 1;
      void this.admission.enter(key.tenant).then((admitted) => this.take(key, admitted));
      await settle();
    }
    await settle();
    return done;
  }

  private take(key: RunKey, admitted: Admitted): void {
    this.inHand -= 1;
    if (admitted === 'closed') return;
    if (admitted !== 'now') return void this.away.push({ key, until: this.now + admitted.laterMs });
    this.begun.push(key);
    this.left.set(key.runId, this.stepsOfRun);
    this.active.note(key, true);
    this.steps.push(key);
    this.admission.leave(key.tenant);
  }

  private finish(key: RunKey): void {
    const left = (this.left.get(key.runId) ?? 1) - 1;
    this.left.set(key.runId, left);
    if (left > 0) this.steps.push(key);
    else this.active.note(key, false);
  }
}

describe('the admission of tasks', () => {
  it('lets everything in at once while the services keep up', async () => {
    const partition = new Partition();
    for (let count = 0; count < 200; count += 1) {
      const key = { tenant: 'acme', runId: `run-${count}` };
      expect(await partition.admission.enter('acme')).toBe('now');
      partition.active.note(key, true);
      partition.admission.leave('acme');
      partition.active.note(key, false);
    }
  });

  it('keeps the work in hand bounded under a flood, keeps the planner busy, and begins all of it in the end', async () => {
    const partition = new Partition(3);
    partition.send('flood', 2_000);
    let idle = 0;
    for (let ticks = 0; partition.begun.length < 2_000 || partition.steps.length > 0; ticks += 1) {
      const done = await partition.tick(10);
      if (done.length < 10 && partition.begun.length < 2_000) idle += 1;
      expect(partition.steps.length).toBeLessThanOrEqual(LIMIT);
      if (ticks > 2_000) throw new Error('the flood does not end');
    }
    // 2,000 runs of three steps at ten a tick take 600 ticks; in most of them the planner had all that it could do.
    expect(idle).toBeLessThan(150);
  });

  it('does not let one tenant\'s flood hold up another\'s run: a step waits behind the limit, not behind the flood', async () => {
    const partition = new Partition(1_000);
    const run = { tenant: 'other', runId: 'long' };
    partition.send('flood', 5_000);
    for (let warm = 0; warm < 5; warm += 1) await partition.tick(2);
    const waits: number[] = [];
    for (let step = 0; step < 20; step += 1) {
      // The run's tool has answered: its next plan commit goes to the end of the planner's queue.
      partition.step(run);
      let ticks = 1;
      while (!(await partition.tick(2)).includes(run)) ticks += 1;
      waits.push(ticks);
    }
    // At two steps a tick, at most the limit is ahead of it; without admission 5,000 steps were: 2,500 ticks.
    expect(Math.max(...waits)).toBeLessThanOrEqual(LIMIT / 2 + 2);
    expect(partition.begun.length).toBe(LIMIT);
  });

  it('lets another tenant\'s task in though hundreds came before it and nothing of the flood ever ends', async () => {
    const partition = new Partition(1_000_000);
    partition.send('flood', 400);
    partition.send('other', 1);
    let ticks = 0;
    for (; !partition.begun.some(({ tenant }) => tenant === 'other'); ticks += 1) await partition.tick(1);
    expect(partition.begun.length).toBe(LIMIT + 1);
    expect(ticks).toBeLessThan(60);
  });

  it('gives tenants that flood at once even shares, and all together little more than the limit', async () => {
    const partition = new Partition(1_000_000);
    for (const tenant of ['a', 'b', 'c', 'd']) partition.send(tenant, 100);
    for (let ticks = 0; ticks < 100; ticks += 1) await partition.tick(1);
    const share = (tenant: string): number => partition.begun.filter((key) => key.tenant === tenant).length;
    for (const tenant of ['b', 'c', 'd']) expect(share(tenant)).toBeGreaterThanOrEqual(LIMIT / 4);
    expect(partition.begun.length).toBeLessThanOrEqual(LIMIT * (1 + 1 / 2 + 1 / 3 + 1 / 4));
  });

  it('does not count a run for ever of which nothing is heard, since another process may have ended it', async () => {
    const partition = new Partition(1_000_000);
    partition.send('flood', 100);
    for (let ticks = 0; ticks < 20; ticks += 1) await partition.tick(0);
    expect(partition.begun).toHaveLength(LIMIT);
    partition.now += 290_000;
    partition.active.note(partition.begun[0] ?? { tenant: '', runId: '' }, true);
    for (let ticks = 0; ticks < 200; ticks += 1) await partition.tick(0);
    // All but the one of which something was heard made room, once.
    expect(partition.begun).toHaveLength(2 * LIMIT - 1);
  });

  it('sends everybody back when the partition goes to another orchestrator', async () => {
    const partition = new Partition();
    const first = await Promise.all(Array.from({ length: LIMIT }, () => partition.admission.enter('acme')));
    expect(new Set(first)).toEqual(new Set(['now']));
    const waiting = [partition.admission.enter('acme'), partition.admission.enter('acme')];
    partition.admission.close();
    expect(await Promise.all(waiting)).toEqual(['closed', 'closed']);
    expect(await partition.admission.enter('acme')).toBe('closed');
  });
});
