import { UNJUDGED, type Commit, type RunEventOf } from '@holdfast/contracts';
import { authorizeCall, type Approver } from '../authorization/authorize-call.js';
import type { PolicyBundle } from '../authorization/bundle.js';
import { planScopeAfter, type PlanScope } from '../authorization/plan-scope.js';
import { OriginIndex } from '../origins/origin-index.js';

/** A decision that would be another one. */
export interface ChangedDecision {
  readonly tenant: string;
  readonly runId: string;
  /** The number of the commit that records the decision. */
  readonly commit: number;
  readonly callId: string;
  readonly tool: string;
  readonly was: string;
  readonly becomes: string;
  readonly reasons: readonly string[];
}

/**
 * Decides a recorded run again under another bundle: give it the run's commits in order, and each answers the decisions of it that would be
 * others. Each is judged by what the run had read at that time, and with the approval that it had. Nothing follows from a changed decision: what the agent
 * would have done next is not known.
 */
export class RunBacktest {
  readonly index = new OriginIndex();
  /** Decisions that were judged again. */
  decisions = 0;
  private plan: PlanScope | undefined;
  private accepted: RunEventOf<'task-accepted' | 'run-forked'> | undefined;
  private readonly calls = new Map<string, { readonly tool: string; readonly arguments: Record<string, unknown>; /** What undoes a call is Holdfast's own wish, and in nobody's plan. */ readonly isUndoing: boolean }>();
  private readonly approvers = new Map<string, readonly Approver[]>();

  constructor(private readonly bundle: PolicyBundle, private readonly environment: string) {}

  take(commit: Commit): readonly ChangedDecision[] {
    this.learn(commit);
    const changed = commit.events.flatMap((event) => (event.type === 'policy-checked' ? this.judge(commit, event) : []));
    // What the commit itself records was not known when it was decided.
    for (const event of commit.events) {
      this.index.add(event);
      this.plan = planScopeAfter(this.plan, event);
    }
    return changed;
  }

  private learn({ events }: Commit): void {
    const judged = events.filter((event) => event.type === 'policy-checked');
    for (const event of events) {
      if (event.type === 'task-accepted' || event.type === 'run-forked') this.accepted ??= event;
      else if (event.type === 'decision-made') event.proposal.requests.forEach((request, at) => this.note(judged[at]?.verdict.callId, request));
      else if (event.type === 'compensation-asked') this.note(event.callId, event, true);
      else if (event.type === 'approval-counted' || (event.type === 'approval-answered' && event.answer === 'approved')) this.approvers.set(event.callId, [...(this.approvers.get(event.callId) ?? []), { by: event.by, roles: event.roles ?? [] }]);
      // What is asked anew is approved anew.
      else if (event.type === 'call-parked' || event.type === 'approval-requested') this.approvers.delete(event.callId);
      else if (event.type === 'approval-answered' && event.arguments !== undefined) this.note(event.callId, { tool: this.calls.get(event.callId)?.tool ?? '', arguments: event.arguments }, this.calls.get(event.callId)?.isUndoing);
    }
  }

  private note(callId: string | undefined, { tool, arguments: args }: { readonly tool: string; readonly arguments: Record<string, unknown> }, isUndoing = false): void {
    if (callId !== undefined) this.calls.set(callId, { tool, arguments: args, isUndoing });
  }

  private judge({ tenant, runId, number }: Commit, { verdict, tool }: RunEventOf<'policy-checked'>): readonly ChangedDecision[] {
    const call = this.calls.get(verdict.callId);
    if (call === undefined || this.accepted === undefined || verdict.policyDigest === UNJUDGED) return [];
    this.decisions += 1;
    const agent = this.bundle.agents.get(this.accepted.agent.name);
    const approvers = this.approvers.get(verdict.callId);
    const { outcome, reasons } = agent === undefined ? { outcome: 'deny', reasons: [`The agent "${this.accepted.agent.name}" is not declared.`] } : authorizeCall(this.bundle, {
      call: { callId: verdict.callId, requestId: verdict.callId, tool: call.tool, arguments: call.arguments }, agent, agentVersion: this.accepted.agent.digest, tenant, task: this.accepted.task, environment: this.environment, index: this.index, plan: call.isUndoing ? undefined : this.plan,
      ...(this.accepted.memoryScopes === undefined ? {} : { memoryScopes: this.accepted.memoryScopes }),
      ...(approvers === undefined ? {} : { approvers }),
    });
    return outcome === verdict.outcome ? [] : [{ tenant, runId, commit: number, callId: verdict.callId, tool, was: verdict.outcome, becomes: outcome, reasons }];
  }
}
