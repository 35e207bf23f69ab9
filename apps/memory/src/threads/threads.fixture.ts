import type { DataKeys } from '@holdfast/data-keys';
import type { AppendableDraft, EventLog } from '@holdfast/event-log';
import type { RecordedCommit, RunEventOf, RunKey } from '@holdfast/contracts';

/** A run of a thread, as the log holds it. */
export interface ToldRun {
  readonly key: RunKey;
  readonly thread?: string;
  readonly goal: string;
  readonly at: number;
  readonly answer?: string;
  readonly requester?: string;
  readonly dataSubject?: string;
  /** Commits between its beginning and its end. */
  readonly steps?: number;
}

const budgets = { maxSteps: 9, deadlineSeconds: 60, approvalSeconds: 60 };

/** Appends a run from its beginning to its end; without an answer it has not ended. */
export async function tell(log: Pick<EventLog, 'append'>, { key, thread, goal, at, answer, requester = 'ada', dataSubject, steps = 1 }: ToldRun): Promise<void> {
  const accepted: RunEventOf<'task-accepted'> = {
    type: 'task-accepted', agent: { name: 'a', digest: 'a'.repeat(64) }, budgets, labels: { goal: { trust: 'user', secrecy: 'internal', source: 'task.goal' } },
    task: { source: '/chat', id: key.runId, type: 'question', goal, input: {}, requester, ...(thread === undefined ? {} : { thread }), ...(dataSubject === undefined ? {} : { dataSubject }) },
  };
  const ended: RunEventOf<'run-ended'> = { type: 'run-ended', status: 'completed', reason: 'done', read: { trust: 'third-party', secrecy: 'internal' }, ...(answer === undefined ? {} : { answer }), ...(thread === undefined ? {} : { thread }) };
  const drafts: AppendableDraft[] = [
    { cause: { kind: 'task', id: 't' }, route: 'plan', at, events: [accepted] },
    ...Array.from({ length: steps }, (_, step): AppendableDraft => ({ cause: { kind: 'signal', id: `s${step}` }, route: 'plan', at: at + step, events: [{ type: 'run-resumed', by: 'ada' }] })),
    ...(answer === undefined ? [] : [{ cause: { kind: 'plan', id: 'p' }, route: 'end', at: at + 1_000, events: [ended] } satisfies AppendableDraft]),
  ];
  let head: RecordedCommit | undefined;
  for (const draft of drafts) {
    const result = await log.append(key, draft, head);
    if (result.status !== 'appended') throw new Error(`the append was ${result.status}`);
    head = result.recorded;
  }
}

/** A writer that gives each run about a data subject what encrypts it, as an orchestrator does. */
export function withKeys(log: Pick<EventLog, 'append'>, keys: Pick<DataKeys, 'begin'>): Pick<EventLog, 'append'> {
  const subjectOf = ({ events }: AppendableDraft): string | undefined => events.flatMap((event) => (event.type === 'task-accepted' ? event.task.dataSubject ?? [] : []))[0];
  return {
    append: async (key, draft, previous) => {
      const subject = previous === undefined ? subjectOf(draft) : undefined;
      return log.append(key, subject === undefined ? draft : { ...draft, dataKey: await keys.begin(key, subject) }, previous);
    },
  };
}
