import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world/world.ts';
import type { Acknowledged } from './acknowledged.ts';
import type { Gateway, WaitingApproval } from './gateway.ts';
import type { PlannedTask } from './plan.ts';

const LOOK_MS = 250;

export interface PeopleMeans {
  readonly operator: Gateway;
  readonly approver: Gateway;
  readonly world: World;
  readonly acknowledged: Acknowledged;
}

/** The people who answer approvals, as the plan of each task says. They look until they are sent home. */
export class People {
  readonly #given = new Map<string, Promise<void>>();
  readonly #tasks: ReadonlyMap<string, PlannedTask>;
  #working: Promise<void> | undefined;
  #home = false;
  readonly #means: PeopleMeans;

  constructor(tasks: readonly PlannedTask[], means: PeopleMeans) {
    this.#tasks = new Map(tasks.map((task) => [task.id, task]));
    this.#means = means;
  }

  start(): void {
    this.#working = this.#work();
  }

  async goHome(): Promise<void> {
    this.#home = true;
    await this.#working;
    await Promise.all(this.#given.values());
  }

  async #work(): Promise<void> {
    while (!this.#home) {
      for (const waiting of await this.#means.operator.approvals()) {
        const name = `${waiting.runId}/${waiting.approvalId}`;
        if (this.#given.has(name)) continue;
        const answering = this.#answer(waiting);
        if (answering !== undefined) this.#given.set(name, answering);
      }
      await sleep(LOOK_MS);
    }
  }

  #answer(waiting: WaitingApproval): Promise<void> | undefined {
    // An operation in doubt is always looked into; whether it happened, the world knows.
    if (waiting.approvalId.startsWith('doubt-')) return this.#resolveDoubt(waiting);
    const plan = this.#tasks.get(waiting.goal)?.answer ?? 'approve';
    if (plan === 'leave') return undefined;
    return this.#give(waiting, plan === 'reject' ? 'rejected' : 'approved', plan === 'approve-twice');
  }

  async #resolveDoubt(waiting: WaitingApproval): Promise<void> {
    const audit = await this.#means.world.audit();
    const happened = audit.some(({ operation, effects }) => operation === waiting.arguments.operation && effects > 0);
    await this.#give(waiting, happened ? 'approved' : 'rejected', false);
  }

  async #give({ runId, approvalId }: WaitingApproval, answer: 'approved' | 'rejected', twice: boolean): Promise<void> {
    const path = `/v1/runs/${runId}/approvals/${approvalId}`;
    while (!this.#home) {
      const { status, body } = await this.#means.operator.post(path, { answer });
      if (status === 202) this.#means.acknowledged.fact({ kind: 'approval', runId, factId: String(body['factId']), about: approvalId });
      if (status === 202 || status === 409) break;
      await sleep(LOOK_MS);
    }
    if (!twice) return;
    // The same person says it again, and another one says it too.
    await this.#means.operator.post(path, { answer });
    await this.#means.approver.post(path, { answer });
  }
}
