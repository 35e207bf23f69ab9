import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world/world.ts';
import type { Acknowledged } from './acknowledged.ts';
import type { DoubtedOperation, Gateway, WaitingApproval } from './gateway.ts';
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
      for (const waiting of await this.#means.operator.approvals()) this.#once(`${waiting.runId}/${waiting.approvalId}`, () => this.#answer(waiting));
      for (const doubted of await this.#means.operator.doubts()) this.#once(doubted.operation, () => this.#resolve(doubted));
      await sleep(LOOK_MS);
    }
  }

  #once(name: string, act: () => Promise<void> | undefined): void {
    if (this.#given.has(name)) return;
    const acting = act();
    if (acting !== undefined) this.#given.set(name, acting);
  }

  #answer(waiting: WaitingApproval): Promise<void> | undefined {
    const plan = this.#tasks.get(waiting.goal)?.answer ?? 'approve';
    if (plan === 'leave') return undefined;
    return this.#give(waiting, plan === 'reject' ? 'rejected' : 'approved', plan === 'approve-twice');
  }

  /** An operation in doubt is always looked into: whether it happened, the world knows. */
  async #resolve(doubted: DoubtedOperation): Promise<void> {
    const operation = doubted.arguments.operation ?? '';
    while (!this.#home) {
      const happened = (await this.#means.world.audit()).some((row) => row.operation === operation && row.effects > 0);
      // Nobody asks for another try: a worker that is paused in the middle of its request may still send it.
      const word = happened ? { resolution: 'happened', result: { operation } } : { resolution: 'did-not-happen' };
      const { status, body } = await this.#means.operator.post(`/v1/in-doubt/${doubted.operation}`, word);
      if (status === 202) for (const { runId, factId, callId } of body['facts'] as { runId: string; factId: string; callId: string }[]) this.#means.acknowledged.fact({ kind: 'resolution', runId, factId, about: callId });
      if (status === 202 || status === 404) return;
      await sleep(LOOK_MS);
    }
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
