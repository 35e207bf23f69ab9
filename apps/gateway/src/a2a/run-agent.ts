import type { AgentCard, CancelTaskRequest, GetTaskRequest, ListTasksRequest, ListTasksResponse, Message, SendMessageRequest, StreamResponse, SubscribeToTaskRequest, Task } from '@a2a-js/sdk';
import { PushNotificationNotSupportedError, RequestMalformedError, TaskNotCancelableError, TaskNotFoundError, UnsupportedOperationError } from '@a2a-js/sdk/errors';
import type { A2ARequestHandler } from '@a2a-js/sdk/server';
import type { AskApi, ApiRequest } from '../endpoints/ask-api.js';
import type { Problem } from '../edge/problem.js';
import { Changes } from './changes.js';
import { isSettled, questionId, questionsOf, submitted, taskOfRun, toldRun, type ToldRun } from './task-of-run.js';

export interface RunAgentMeans {
  readonly tenant: string;
  readonly ask: AskApi;
  readonly card: () => Promise<AgentCard>;
  readonly runIdOf: (source: string, id: string) => string;
  /** Calls back when something has happened in a run; returns how to stop. */
  readonly onChange: (runId: string, listener: () => void) => () => void;
  /** Aborted when nobody waits for an answer any more. */
  readonly gone: AbortSignal;
}

interface Begun {
  readonly task: Task;
  /** The message by which the task asked what was answered just now. */
  readonly answered?: string;
}

const SOURCE = '/a2a';
/** A caller who wants the end of a task is told how it stands after this. */
const LONGEST_WAIT_MS = 60_000;
const MOST_TASKS = 50;

/** The Agent2Agent protocol for one caller: whatever it asks is a request of the API, and nothing is kept beside the log. */
export class RunAgent implements A2ARequestHandler {
  constructor(private readonly means: RunAgentMeans) {}

  getAgentCard = (): Promise<AgentCard> => this.means.card();
  getAuthenticatedExtendedAgentCard = (): Promise<AgentCard> => this.means.card();

  async sendMessage({ tenant, message, configuration }: SendMessageRequest): Promise<Task> {
    this.requireOwn(tenant);
    const { task, answered } = await this.begun(message);
    if (configuration?.returnImmediately === true) return task;
    const patience = AbortSignal.any([this.means.gone, AbortSignal.timeout(LONGEST_WAIT_MS)]);
    let last = task;
    for await (const seen of this.seen(task.id, patience, answered)) last = seen;
    return last;
  }

  async *sendMessageStream({ tenant, message }: SendMessageRequest): AsyncGenerator<StreamResponse, void, undefined> {
    this.requireOwn(tenant);
    const { task, answered } = await this.begun(message);
    yield* this.told(task, answered);
  }

  async *resubscribe({ tenant, id }: SubscribeToTaskRequest): AsyncGenerator<StreamResponse, void, undefined> {
    const task = await this.getTask({ tenant, id });
    if (isSettled(task)) throw new UnsupportedOperationError('Nothing more happens in this task by itself.');
    yield* this.told(task);
  }

  async getTask({ tenant, id }: GetTaskRequest): Promise<Task> {
    this.requireOwn(tenant);
    return taskOfRun(await this.run(id));
  }

  async listTasks({ tenant, contextId, pageSize = MOST_TASKS, pageToken }: ListTasksRequest): Promise<ListTasksResponse> {
    this.requireOwn(tenant);
    if (contextId !== '') throw new UnsupportedOperationError('Tasks of one context are not listed; the API has them under /v1/threads.');
    const query = new URLSearchParams({ limit: String(Math.min(Math.max(pageSize, 1), MOST_TASKS)), ...(pageToken === '' ? {} : { cursor: pageToken }) });
    const { runs, next = '' } = await this.asked({ method: 'GET', url: `/v1/runs?${query.toString()}` }) as { runs: { runId: string }[]; next?: string };
    const tasks = await Promise.all(runs.map(async ({ runId }) => taskOfRun(await this.run(runId))));
    return { tasks, nextPageToken: next, pageSize: tasks.length, totalSize: tasks.length };
  }

  async cancelTask({ tenant, id }: CancelTaskRequest): Promise<Task> {
    this.requireOwn(tenant);
    await this.asked({ method: 'POST', url: `/v1/runs/${named(id)}/cancel`, body: { reason: 'cancelled over the Agent2Agent protocol' } });
    return this.getTask({ tenant, id });
  }

  createTaskPushNotificationConfig = unsupported;
  getTaskPushNotificationConfig = unsupported;
  listTaskPushNotificationConfigs = unsupported;
  deleteTaskPushNotificationConfig = unsupported;

  /** A message without a task begins one; a message for one answers what it asks. */
  private async begun(message: Message | undefined): Promise<Begun> {
    if (message === undefined || message.messageId === '') throw new RequestMalformedError('A message has to have an id.');
    return message.taskId === '' ? { task: await this.start(message) } : this.answer(message);
  }

  private async start({ messageId, contextId, parts, metadata }: Message): Promise<Task> {
    const thread = contextId === '' ? this.means.runIdOf(SOURCE, messageId) : contextId;
    const input: Record<string, unknown> = Object.assign({}, ...parts.map(({ content }) => (content?.$case === 'data' && typeof content.value === 'object' ? content.value as object : {})));
    const type: unknown = metadata?.['type'] ?? await this.onlyType();
    const { runId } = await this.asked({ method: 'POST', url: '/v1/tasks', body: { type, goal: textOf(parts), input, id: messageId, source: SOURCE, thread } }) as { runId: string };
    return await this.find(runId) ?? submitted(runId, thread);
  }

  private async answer({ taskId, parts }: Message): Promise<Begun> {
    const [question, ...others] = questionsOf(await this.run(taskId));
    if (question === undefined || others.length > 0) throw new UnsupportedOperationError(question === undefined ? 'The task asks nothing; give a new one in the same context.' : 'The task asks several things; answer them by the API, under /v1/questions.');
    await this.asked({ method: 'POST', url: `/v1/runs/${named(taskId)}/questions/${named(question.callId)}`, body: { answer: textOf(parts) } });
    const task = taskOfRun(await this.run(taskId));
    return { task, answered: questionId(taskId, question.callId) };
  }

  private async onlyType(): Promise<string> {
    const [type, ...others] = (await this.means.card()).skills.map(({ id }) => id);
    if (type !== undefined && others.length === 0) return type;
    throw new RequestMalformedError(`Name the type of the task as "type" in the message's metadata: one of ${[type, ...others].join(', ')}.`);
  }

  /** The task first, and then what changes of it, until nothing more happens by itself. */
  private async *told(first: Task, answered?: string): AsyncGenerator<StreamResponse, void, undefined> {
    yield { payload: { $case: 'task', value: first } };
    let [answers, status] = [first.artifacts.length, first.status];
    for await (const { id: taskId, contextId, artifacts, ...task } of this.seen(first.id, this.means.gone, answered)) {
      const [artifact] = artifacts;
      if (artifact !== undefined && artifacts.length > answers) yield { payload: { $case: 'artifactUpdate', value: { taskId, contextId, artifact, append: false, lastChunk: true, metadata: undefined } } };
      answers = artifacts.length;
      if (task.status?.state === status?.state && JSON.stringify(task.status?.message) === JSON.stringify(status?.message)) continue;
      status = task.status;
      yield { payload: { $case: 'statusUpdate', value: { taskId, contextId, status, metadata: undefined } } };
    }
  }

  /** The task each time that something has happened; ends with the first that is settled. A question that was `answered` stands until the log has the answer. */
  private async *seen(runId: string, until: AbortSignal, answered?: string): AsyncGenerator<Task, void, undefined> {
    const changes = new Changes((listener) => this.means.onChange(runId, listener), until);
    try {
      do {
        const task = await this.find(runId);
        if (task !== undefined) yield task;
        if (task !== undefined && isSettled(task) && (answered === undefined || task.status?.message?.messageId !== answered)) return;
      } while (await changes.next());
    } finally {
      changes.stop();
    }
  }

  private async find(runId: string): Promise<Task | undefined> {
    try {
      return taskOfRun(await this.run(runId));
    } catch (error) {
      if (error instanceof TaskNotFoundError) return undefined;
      throw error;
    }
  }

  private async run(id: string): Promise<ToldRun> {
    return toldRun.parse(await this.asked({ method: 'GET', url: `/v1/runs/${named(id)}` }));
  }

  private async asked(request: ApiRequest): Promise<unknown> {
    const { status, body } = await this.means.ask(request);
    if (status < 400) return JSON.parse(body);
    const { code, detail, remedy } = JSON.parse(body) as Problem;
    const told = { message: `${detail} ${remedy}`, metadata: { code } };
    if (code === 'run.unknown') throw new TaskNotFoundError(told);
    if (code === 'run.ended') throw new TaskNotCancelableError(told);
    if (status === 400 || status === 409 || status === 413 || status === 422) throw new RequestMalformedError(told);
    throw new UnsupportedOperationError(told);
  }

  /** A key is of one tenant; naming another one is a mistake that has to be told. */
  private requireOwn(tenant: string): void {
    if (tenant !== '' && tenant !== this.means.tenant) throw new RequestMalformedError('The key belongs to another tenant.');
  }
}

/** Anything that is no name is no task either, and must not become another path. */
function named(id: string): string {
  if (/^[\w-]+$/.test(id)) return id;
  throw new TaskNotFoundError('There is no such task.');
}

function textOf(parts: Message['parts']): string {
  return parts.flatMap(({ content }) => (content?.$case === 'text' ? [content.value] : [])).join('\n');
}

async function unsupported(): Promise<never> {
  throw new PushNotificationNotSupportedError('Read the stream of the task instead.');
}
