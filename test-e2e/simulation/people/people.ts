import { HoldfastError, subjects, type Commit, type FactOf, type RunEventOf, type RunKey } from '@holdfast/contracts';
import { FactInbox, runIdOf } from '@holdfast/gateway/logic';
import type { TwinBus } from '../pods/twin-bus.ts';
import type { Chance } from '../time/chance.ts';
import type { Process, Timeline } from '../time/timeline.ts';
import type { Intervention, RunPlan, Schedule } from '../schedule/schedule.ts';
import { TENANT, amountOf, operationName } from '../world/catalogue.ts';
import type { Quarantines } from '../world/quarantines.ts';
import type { SystemOfRecord } from '../world/system-of-record.ts';

type Fact = FactOf<'approval' | 'signal' | 'control' | 'resolution' | 'release'>;

export interface PeopleMeans {
  readonly timeline: Timeline;
  readonly process: Process;
  readonly bus: TwinBus;
  readonly partitions: number;
  readonly world: SystemOfRecord;
  readonly quarantines: Quarantines;
  readonly chance: Chance;
}

const SOURCE = '/simulation';
const RETRY_MS = 150;
/** Whoever is asked about an effect in doubt looks in the system of record, once nobody can be acting any more. */
const INVESTIGATION_MS = 3_000;

/** How a doubt is resolved: with a word to the ledger, by its approval as in release 0.1.0, or by letting it be tried again. */
const WAYS = ['word', 'retry', 'approval'] as const;

/** The name under which a run's plan is found: its task's goal. */
export const goalOf = (index: number): string => `run ${index}`;
export const keyOf = (index: number): RunKey => ({ tenant: TENANT, runId: runIdOf(TENANT, SOURCE, `task-${index}`) });

/** Everybody outside: who sends tasks, answers approvals and steers runs, and remembers what they were told was done. */
export class People {
  /** Facts and tasks whose storing was confirmed to them, by id. */
  readonly told: { readonly key: RunKey; readonly fact: Fact }[] = [];
  readonly toldOfTask = new Set<number>();
  private readonly means: PeopleMeans;
  private readonly inbox: FactInbox;

  constructor(means: PeopleMeans) {
    this.means = means;
    this.inbox = new FactInbox(means.bus.asBus, means.partitions);
  }

  begin(schedule: Schedule): void {
    schedule.runs.forEach((plan, index) => {
      for (let copy = 0; copy <= plan.duplicates; copy += 1) this.later(plan.atMs + copy * 37, () => this.sendTask(index, plan));
    });
    schedule.interventions.forEach((intervention, at) => {
      const run = schedule.runs[intervention.run];
      if (run === undefined) return;
      for (let copy = 0; copy <= (intervention.twice ? 1 : 0); copy += 1) this.later(run.atMs + intervention.atMs + copy * 40, () => this.intervene(intervention, at));
    });
  }

  /** Somebody reads the log and answers what is asked of people. */
  notice(commit: Commit, answering: Schedule['answering']): void {
    for (const event of commit.events) {
      if (event.type === 'run-paused') this.later(answering.delayMs, () => this.resume(commit));
      if (event.type === 'call-parked') this.later(this.means.quarantines.leftMs + answering.delayMs, () => this.release(commit, event.callId));
      if (event.type !== 'approval-requested') continue;
      const key = { tenant: commit.tenant, runId: commit.runId };
      const inDoubt = event.expiresAt === Number.MAX_SAFE_INTEGER;
      const delay = inDoubt ? INVESTIGATION_MS + answering.delayMs : answering.delayMs;
      for (let copy = 0; copy <= (answering.twice ? 1 : 0); copy += 1) {
        this.later(delay + copy * 60, () => (inDoubt ? this.resolve(commit, event) : this.answer(key, event, answering.answer)));
      }
    }
  }

  /** One resume for each pause that the log shows. */
  private resume({ tenant, runId, number }: Commit): Promise<void> {
    return this.put({ tenant, runId }, { kind: 'control', id: `resume:${runId}:${number}`, action: 'resume', by: 'operator', reason: '' });
  }

  /** Whoever looks finds out whether it happened, and says so: with a result, by a bare yes or no, or by letting it be tried again. */
  private resolve({ tenant, runId }: Commit, event: RunEventOf<'approval-requested'>): Promise<void> {
    const { approvalId, callId, tool } = event;
    const operation = String(event.arguments['operation']);
    const happened = this.means.world.holds(tool, operation);
    const way = WAYS[this.means.chance.below(WAYS.length)] ?? 'word';
    if (way === 'approval') return this.answer({ tenant, runId }, event, happened ? 'approved' : 'rejected');
    const resolution = happened ? 'happened' : way === 'retry' ? 'retry' : 'did-not-happen';
    // Somebody in haste gives a result that is none, and is asked again.
    const result = way === 'retry' && approvalId.startsWith('doubt-') ? {} : { receipt: `${tool} ${operation}` };
    return this.put({ tenant, runId }, { kind: 'resolution', id: `resolution:${runId}:${approvalId}:${resolution}:${way}`, callId, approvalId, resolution, ...(happened ? { result } : {}), by: 'approver', comment: '' });
  }

  /** Whoever accepts the contracts releases each parked call, once for each time that it was parked. */
  private async release({ tenant, runId, number }: Pick<Commit, 'tenant' | 'runId' | 'number'>, callId: string): Promise<void> {
    const { quarantines } = this.means;
    if (quarantines.leftMs > 0) this.later(quarantines.leftMs, () => this.release({ tenant, runId, number }, callId));
    else await this.put({ tenant, runId }, { kind: 'release', id: `release:${runId}:${callId}:${number}`, callId, quarantine: quarantines.latest, by: 'operator', reason: '' });
  }

  private answer(key: RunKey, event: RunEventOf<'approval-requested'>, answer: 'approved' | 'rejected'): Promise<void> {
    return this.put(key, { kind: 'approval', id: `approval:${key.runId}:${event.approvalId}:${answer}`, approvalId: event.approvalId, answer, by: 'approver', comment: '' });
  }

  private intervene({ run, what }: Intervention, at: number): Promise<void> {
    const key = keyOf(run);
    const id = `${what}:${key.runId}:${at}`;
    if (what === 'signal') return this.put(key, { kind: 'signal', id, name: 'note', payload: { at }, by: 'operator' });
    return this.put(key, { kind: 'control', id, action: what, by: 'operator', reason: 'because' });
  }

  private async sendTask(index: number, plan: RunPlan): Promise<void> {
    const amounts = plan.steps.flat().map(({ operation }) => ({ operation: operationName(operation), amountCents: amountOf(operation) }));
    const event = { specversion: '1.0', id: `task-${index}`, source: SOURCE, type: plan.agent, data: { goal: goalOf(index), amounts } };
    for (;;) {
      const answer = await this.means.bus.publish(subjects.tasks(TENANT), JSON.stringify(event), { headers: { 'Content-Type': 'application/cloudevents+json' } });
      if (answer.status === 'stored') {
        this.toldOfTask.add(index);
        return;
      }
      await this.pause();
    }
  }

  /** Sends until it is confirmed, as a person does who sees an error. */
  private async put(key: RunKey, fact: Fact): Promise<void> {
    for (;;) {
      try {
        await this.inbox.put(key, fact);
        this.told.push({ key, fact });
        return;
      } catch (error) {
        if (!(error instanceof HoldfastError) || !error.retryable) throw error;
        await this.pause();
      }
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.means.timeline.after(RETRY_MS, this.means.process, resolve));
  }

  private later(delayMs: number, act: () => Promise<void>): void {
    this.means.timeline.after(delayMs, this.means.process, () => void act());
  }
}

