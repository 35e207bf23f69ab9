import { randomUUID } from 'node:crypto';
import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { AgentRegistry } from '@holdfast/agent-registry';
import { HoldfastError, canonicalJson, scopeOf, type TaskEvent } from '@holdfast/contracts';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { acceptTask } from '../intake/accept-task.js';
import { STRUCTURED, readTaskEvent, traceOf } from '../intake/cloud-event.js';
import { FactInbox } from '../intake/fact-inbox.js';
import { runIdOf } from '../intake/run-id.js';
import { InvalidRequest } from '../edge/problem.js';
import { RunHistories } from '../runs/run-histories.js';
import { startTask, taskAccepted, taskRequest } from './tasks.endpoints.js';

@Controller()
export class TasksController {
  constructor(
    @Inject(FactInbox) private readonly inbox: FactInbox,
    @Inject(RunHistories) private readonly histories: RunHistories,
    @Inject(AgentRegistry) private readonly agents: AgentRegistry,
  ) {}

  @Serves(startTask)
  async start(@Caller() caller: Principal, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<z.infer<typeof taskAccepted>> {
    const event = eventOf(request, caller);
    await this.requireAgent(event);
    const known = await this.isKnown(caller.tenant, event);
    const trace = traceOf(event, (name) => textHeader(request, name));
    const { runId, duplicate } = known
      ? { runId: runIdOf(caller.tenant, event.source, event.id), duplicate: true }
      : await acceptTask(this.inbox, { tenant: caller.tenant, event, requester: caller.name, requesterRoles: [...caller.roles, ...caller.groups], trace }).catch((error: unknown) => { throw withIdentity(error, event); });
    void reply.header('location', `/v1/runs/${runId}`);
    return { runId, id: event.id, source: event.source, duplicate };
  }

  /** The orchestrator decides which agent takes a task; a type that nobody takes is told at once, where someone listens. */
  private async requireAgent(event: TaskEvent): Promise<void> {
    const types = await this.agents.takenTypes();
    if (types.has(event.type)) return;
    throw new HoldfastError({ code: 'task.type-unknown', message: `No agent takes tasks of type "${event.type}".`, retryable: false, remedy: `Use one of: ${[...types].slice(0, 20).join(', ')}.` });
  }

  /** True when the run exists for this very task; another task under the same source and id is refused. */
  private async isKnown(tenant: string, event: TaskEvent): Promise<boolean> {
    const history = await this.histories.find({ tenant, runId: runIdOf(tenant, event.source, event.id) });
    const accepted = history[0]?.commit.events.find((entry) => entry.type === 'task-accepted');
    if (accepted === undefined) return false;
    const { goal, ...input } = event.data;
    const { task } = accepted;
    if (canonicalJson([task.type, task.goal, task.input, task.scope ?? null, task.thread ?? null, task.dataSubject ?? null]) === canonicalJson([event.type, goal, input, event.scope === undefined ? null : scopeOf(event.scope), event.thread ?? null, event.datasubject ?? null])) return true;
    throw new HoldfastError({ code: 'task.id-taken', message: `The source "${event.source}" has used the id "${event.id}" for a different task.`, retryable: false, remedy: 'Give each task an id of its own.' });
  }
}

function textHeader(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function eventOf(request: FastifyRequest, caller: Principal): TaskEvent {
  const contentType = textHeader(request, 'content-type');
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase();
  if (mediaType === STRUCTURED || request.headers['ce-specversion'] !== undefined) {
    return asRequestFault(() => readTaskEvent({ contentType, attributes: attributesOf(request), body: request.body }));
  }
  if (mediaType !== 'application/json') throw new HoldfastError({ code: 'request.media-type', message: 'A task is sent as JSON.', retryable: false, remedy: 'Send application/json or application/cloudevents+json.' });
  const { type, goal, input, id, source, scope, thread, dataSubject } = checked(taskRequest, request.body);
  if (input !== undefined && Object.hasOwn(input, 'goal')) throw new InvalidRequest([{ pointer: '/input/goal', detail: 'the goal has a place of its own' }]);
  return asRequestFault(() => readTaskEvent({
    contentType: STRUCTURED,
    attributes: {},
    body: { specversion: '1.0', id: id ?? randomUUID(), source: source ?? `/api-keys/${encodeURIComponent(caller.name)}`, type, ...(scope === undefined ? {} : { scope: scope.join(',') }), ...(thread === undefined ? {} : { thread }), ...(dataSubject === undefined ? {} : { datasubject: dataSubject }), data: { ...input, goal } },
  }));
}

/** What the bus would call an invalid event is a malformed request here. */
function asRequestFault(read: () => TaskEvent): TaskEvent {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== 'task.invalid') throw error;
    throw new HoldfastError({ code: 'request.malformed', message: error.message, retryable: false, remedy: error.remedy });
  }
}

function attributesOf(request: FastifyRequest): Record<string, string> {
  const entries = Object.keys(request.headers).filter((name) => /^ce-[a-z0-9]{1,64}$/.test(name)).map((name) => [name.slice(3), textHeader(request, name) ?? '']);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Whoever did not choose the id must be told it, or a retry would begin a second run. */
function withIdentity(error: unknown, event: TaskEvent): unknown {
  if (!(error instanceof HoldfastError)) return error;
  return new HoldfastError({ code: error.code, message: error.message, retryable: error.retryable, remedy: `Send the task again with id "${event.id}" and source "${event.source}"; it begins one run.`, cause: error });
}
