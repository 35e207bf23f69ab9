import { Role, TaskState, type Artifact, type Message, type Task } from '@a2a-js/sdk';
import { z } from 'zod';

/** What is needed of a run, as the API tells it. */
export const toldRun = z.looseObject({
  runId: z.string(), status: z.string(), changedAt: z.number(), answer: z.string().optional(), reason: z.string().optional(), task: z.looseObject({ thread: z.string().optional() }),
  approvalsWaiting: z.array(z.unknown()),
  waitsFor: z.array(z.looseObject({ for: z.string(), callId: z.string().optional(), question: z.looseObject({ text: z.string(), choices: z.array(z.string()).optional() }).optional() })),
});
export type ToldRun = z.infer<typeof toldRun>;

export interface OpenQuestion {
  readonly callId: string;
  readonly text: string;
}

/** What the run's agent asks whoever gave the task. */
export function questionsOf({ waitsFor }: ToldRun): readonly OpenQuestion[] {
  return waitsFor.flatMap(({ callId, question }) => (callId === undefined || question === undefined ? [] : [{ callId, text: question.choices === undefined ? question.text : `${question.text} [${question.choices.join(' | ')}]` }]));
}

/** The message by which a task asks something. */
export const questionId = (runId: string, callId: string): string => `${runId}-asks-${callId}`;

const ENDED: Readonly<Record<string, TaskState>> = { completed: TaskState.TASK_STATE_COMPLETED, failed: TaskState.TASK_STATE_FAILED, cancelled: TaskState.TASK_STATE_CANCELED };

/** True when nothing more happens by itself: the task has ended, or waits for whoever gave it. */
export function isSettled({ status }: Task): boolean {
  return status !== undefined && (status.state === TaskState.TASK_STATE_INPUT_REQUIRED || Object.values(ENDED).includes(status.state));
}

/** A run that is accepted and of which the log has nothing yet. */
export function submitted(runId: string, thread: string): Task {
  return { id: runId, contextId: thread, status: { state: TaskState.TASK_STATE_SUBMITTED, message: undefined, timestamp: undefined }, artifacts: [], history: [], metadata: undefined };
}

/** A run as a task of the Agent2Agent protocol (https://a2a-protocol.org/v1.0.0/specification/). What waits for an approver is at work: whoever gave the task can do nothing about it. */
export function taskOfRun(run: ToldRun): Task {
  const { runId, status, changedAt, answer } = run;
  const [question] = questionsOf(run);
  const contextId = run.task.thread ?? runId;
  const state = ENDED[status] ?? (question === undefined ? TaskState.TASK_STATE_WORKING : TaskState.TASK_STATE_INPUT_REQUIRED);
  const said = question?.text ?? run.reason ?? (run.approvalsWaiting.length > 0 ? 'It waits for a person\'s approval.' : status === 'paused' ? 'It is halted.' : undefined);
  return {
    id: runId, contextId, history: [], metadata: undefined, artifacts: answer === undefined ? [] : [answered(answer)],
    status: { state, timestamp: new Date(changedAt).toISOString(), message: said === undefined ? undefined : messageOf(said, question === undefined ? `${runId}-status` : questionId(runId, question.callId), runId, contextId) },
  };
}

function answered(text: string): Artifact {
  return { artifactId: 'answer', name: 'answer', description: '', parts: [part(text)], metadata: undefined, extensions: [] };
}

function messageOf(text: string, messageId: string, taskId: string, contextId: string): Message {
  return { messageId, contextId, taskId, role: Role.ROLE_AGENT, parts: [part(text)], metadata: undefined, extensions: [], referenceTaskIds: [] };
}

const part = (text: string): Message['parts'][number] => ({ content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType: 'text/plain' });
