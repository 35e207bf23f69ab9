import type { Bus } from '@holdfast/bus';
import { meansOf, subjects, visibleAnswer, type RunKey, type VisibleAnswer } from '@holdfast/contracts';
import type { Planning } from '@holdfast/run';

/** How long an answer is used, in milliseconds: changed policies reach what models are shown within this time. */
const USED_MS = 1_000;
const REMEMBERED_ANSWERS = 256;

/**
 * Asks policy which tools a model may be shown, once a second for each kind of run. The answer depends on the tenant, the
 * agent, the task's type, requester and scope, and the run's scopes of memory and plan. What is shown permits nothing: every call is judged by the policies of its moment.
 */
export class VisibleTools {
  private readonly answers = new Map<string, { readonly until: number; readonly shown: Promise<VisibleAnswer> }>();

  constructor(private readonly bus: Pick<Bus, 'request'>, private readonly clock: () => number) {}

  /** Throws what the bus throws when policy does not answer. */
  of(key: RunKey, { agent, task, memoryScopes, plan }: Pick<Planning, 'agent' | 'task' | 'memoryScopes' | 'plan'>, headers: Readonly<Record<string, string>>): Promise<VisibleAnswer> {
    const kind = JSON.stringify([key.tenant, agent.name, agent.digest, task.type, task.requester, task.requesterRoles, task.scope, memoryScopes, plan === undefined ? undefined : meansOf(plan.steps).tools]);
    const now = this.clock();
    const known = this.answers.get(kind);
    if (known !== undefined && now < known.until) return known.shown;
    const shown = this.bus.request(subjects.policyVisible(), plan === undefined ? key : { ...key, knowing: plan.number }, visibleAnswer, { headers });
    const answer = { until: now + USED_MS, shown };
    this.answers.delete(kind);
    this.answers.set(kind, answer);
    const oldest = this.answers.size > REMEMBERED_ANSWERS ? this.answers.keys().next().value : undefined;
    if (oldest !== undefined) this.answers.delete(oldest);
    // An error is the answer to those who wait for it now, and to nobody later.
    shown.catch(() => {
      if (this.answers.get(kind) === answer) this.answers.delete(kind);
    });
    return shown;
  }
}
