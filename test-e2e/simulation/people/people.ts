import { HoldfastError, subjects, type Commit, type FactOf, type RunEventOf, type RunKey } from '@holdfast/contracts';
import { FactInbox, runIdOf } from '@holdfast/gateway/logic';
import type { TwinBus } from '../pods/twin-bus.ts';
import type { Process, Timeline } from '../time/timeline.ts';
import type { Intervention, RunPlan, Schedule } from '../schedule/schedule.ts';
import { TENANT, amountOf, operationName } from '../world/catalogue.ts';
import type { SystemOfRecord } from '../world/system-of-record.ts';

type Fact = FactOf<'approval' | 'signal' | 'control'>;

export interface PeopleMeans {
  readonly timeline: Timeline;
  readonly process: Process;
  readonly bus: TwinBus;
  readonly partitions: number;
  readonly world: SystemOfRecord;
}

const SOURCE = '/simulation';
const RETRY_MS = 150;
/** Whoever is asked about an effect in doubt looks in the system of record, once nobody can be acting any more. */
const INVESTIGATION_MS = 3_000;

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
      if (event.type !== 'approval-requested') continue;
      const key = { tenant: commit.tenant, runId: commit.runId };
      const inDoubt = event.expiresAt === Number.MAX_SAFE_INTEGER;
      const delay = inDoubt ? INVESTIGATION_MS + answering.delayMs : answering.delayMs;
      for (let copy = 0; copy <= (answering.twice ? 1 : 0); copy += 1) {
        this.later(delay + copy * 60, () => this.answer(key, event, inDoubt ? this.happened(event) : answering.answer));
      }
    }
  }

  /** One resume for each pause that the log shows. */
  private resume({ tenant, runId, number }: Commit): Promise<void> {
    return this.put({ tenant, runId }, { kind: 'control', id: `resume:${runId}:${number}`, action: 'resume', by: 'operator', reason: '' });
  }

  private happened(event: RunEventOf<'approval-requested'>): 'approved' | 'rejected' {
    return this.means.world.holds(event.tool, String(event.arguments['operation'])) ? 'approved' : 'rejected';
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

