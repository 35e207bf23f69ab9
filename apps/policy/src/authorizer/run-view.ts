import type { RecordedCommit, RunEventOf, Verdict } from '@holdfast/contracts';
import { OriginIndex, planScopeAfter, type PlanScope } from '@holdfast/policy-engine';

/** An approval as the log tells it: what was asked, and what was answered when. */
export interface ApprovalRecord {
  readonly requested: RunEventOf<'approval-requested'>;
  /** What policy had said of the call when it was asked about: what whoever approves was shown. */
  readonly asked: Verdict | undefined;
  escalatedTo?: readonly string[];
  counted?: { readonly event: RunEventOf<'approval-counted'>; readonly at: number };
  answered?: { readonly event: RunEventOf<'approval-answered'>; readonly at: number };
}

/** What policy needs to know of one run, folded from its commits. */
export class RunView {
  readonly index = new OriginIndex();
  readonly approvals = new Map<string, ApprovalRecord>();
  /** Calls that undo others, which Holdfast itself asks for when a run is aborted. */
  readonly undoing = new Set<string>();
  private readonly called = new Set<string>();
  private readonly verdicts = new Map<string, Verdict>();
  accepted: RunEventOf<'task-accepted' | 'run-forked'> | undefined;
  ended = false;
  /** What the run's plan leaves it, where it goes by one. */
  plan: PlanScope | undefined;
  /** Set until the view has been given what the run's origin had read. */
  fork: RunEventOf<'run-forked'> | undefined;

  fold({ commit }: RecordedCommit): this {
    for (const event of commit.events) {
      this.index.add(event);
      this.plan = planScopeAfter(this.plan, event);
      if (event.type === 'run-forked') this.fork = event;
      if (event.type === 'task-accepted' || event.type === 'run-forked') this.accepted ??= event;
      else if (event.type === 'run-ended') this.ended = true;
      else if (event.type === 'compensation-asked') this.undoing.add(event.callId);
      else if (event.type === 'tool-called') this.called.add(event.callId);
      else if (event.type === 'call-parked' || event.type === 'call-released') this.called.delete(event.callId);
      // Once a call is out, a question about it asks whether its effect happened, which approves nothing.
      else if (event.type === 'policy-checked') this.verdicts.set(event.verdict.callId, event.verdict);
      else if (event.type === 'approval-requested' && !this.called.has(event.callId)) this.approvals.set(event.approvalId, { requested: event, asked: this.verdicts.get(event.callId) });
      else if (event.type === 'approval-escalated') {
        const record = this.approvals.get(event.approvalId);
        if (record !== undefined) record.escalatedTo = event.roles;
      } else if (event.type === 'approval-counted') {
        const record = this.approvals.get(event.approvalId);
        if (record !== undefined) record.counted ??= { event, at: commit.at };
      }
      else if (event.type === 'approval-answered') {
        const record = this.approvals.get(event.approvalId);
        // The first answer stands.
        if (record !== undefined && record.requested.callId === event.callId) record.answered ??= { event, at: commit.at };
      }
    }
    return this;
  }

  /** Adds what another run read to what this one may repeat. Its calls keep out of the way of this run's, which have the same names. */
  readBefore(history: readonly RecordedCommit[]): void {
    for (const { commit } of history) {
      for (const event of commit.events) {
        if (event.type === 'tool-called' || event.type === 'call-simulated' || event.type === 'observation-recorded' || event.type === 'tool-returned') this.index.add({ ...event, callId: `${commit.runId}/${event.callId}` });
        if (event.type === 'thread-read' || event.type === 'signal-received' || event.type === 'approval-answered' || event.type === 'doubt-resolved') this.index.add(event);
      }
    }
  }
}
