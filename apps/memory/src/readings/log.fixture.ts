import { ZERO_HASH, type MemoryPassage, type Reading, type RunEvent } from '@holdfast/contracts';
import { InMemoryEventLog } from '@holdfast/event-log';

const digest = 'a'.repeat(64);
const task = { source: '/inbox', id: 'evt', type: 'com.example.asked', goal: 'Do it.', requester: 'clerk', input: {} };
const budgets = { maxSteps: 10, deadlineSeconds: 60, approvalSeconds: 60 };
const begun = { task, agent: { name: 'clerk', digest }, budgets, labels: {} };

/** A log in which runs of one tenant are told by what they read. */
export class ToldLog {
  readonly log = new InMemoryEventLog(2);

  constructor(private readonly tenant = 'acme') {}

  accept(runId: string, parent?: { readonly runId: string; readonly callId: string }): Promise<number> {
    return this.append(runId, { type: 'task-accepted', ...begun, ...(parent === undefined ? {} : { parent }) });
  }

  fork(runId: string, from: string, number: number): Promise<number> {
    return this.append(runId, { type: 'run-forked', ...begun, mode: 'fork', by: 'clerk', reason: 'again', origin: { runId: from, number, hash: ZERO_HASH }, amount: 0, undoable: [], unsettled: [] });
  }

  answer(runId: string, child: string): Promise<number> {
    return this.append(runId, { type: 'child-ended', callId: 'c1-1', runId: child, status: 'completed', usage: { steps: 1, tokens: 1, amount: 0 } });
  }

  /** The run is shown these passages, as `searchTool` gives them back. */
  read(runId: string, callId: string, passages: readonly MemoryPassage[]): Promise<number> {
    const shown = passages.map(({ score: _score, ...passage }) => passage);
    return this.append(runId, { type: 'observation-recorded', callId, content: { passages: shown }, label: { trust: 'third-party', secrecy: 'internal', source: 'tool:search' }, fields: {} });
  }

  /** The run completes with this answer, having read this. */
  end(runId: string, answer: string, read?: Reading): Promise<number> {
    return this.append(runId, { type: 'run-ended', status: 'completed', answer, reason: 'the planner gave its answer', ...(read === undefined ? {} : { read }) }, 'end');
  }

  /** The number of the run's new commit. */
  private async append(runId: string, event: RunEvent, route: 'plan' | 'end' = 'plan'): Promise<number> {
    const key = { tenant: this.tenant, runId };
    const appended = await this.log.append(key, { cause: { kind: 'plan', id: 'p' }, at: 1_700_000_000_000, route, events: [event] }, await this.log.head(key));
    if (appended.status !== 'appended') throw new Error(`It was not appended: ${appended.status}.`);
    return appended.recorded.commit.number;
  }
}
