import { z } from 'zod';
import { dataSubject, runId, scope, taskEvent, threadId } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';

/** A task in the gateway's own short form, for callers who have no CloudEvents at hand. */
export const taskRequest = z.strictObject({
  type: taskEvent.shape.type.describe('Which kind of task; it decides which agent takes it.'),
  goal: taskEvent.shape.data.shape.goal,
  input: z.record(z.string(), z.unknown()).optional().describe('Everything else that the task is about.'),
  scope: scope.optional().describe('The tools that the task is about: the agent may use these alone, and of those that it has on request these too. Nothing in the run can change it.'),
  thread: threadId.optional().describe('The conversation that the task goes on with: its run is shown what was asked and answered there before.'),
  dataSubject: dataSubject.optional().describe('Whose personal data the task is about; see `eraseSubject`.'),
  id: taskEvent.shape.id.optional().describe('With the source it names the task: the same two are the same run. Made up when absent, so a retry without it begins another run.'),
  source: taskEvent.shape.source.optional().describe('Where the task comes from; the API key when absent.'),
});

export const taskAccepted = z.object({
  runId,
  id: z.string(),
  source: z.string(),
  duplicate: z.boolean().describe('True when this task was there already; nothing was begun again.'),
});

export const startTask: Endpoint = {
  id: 'startTask',
  method: 'POST',
  path: '/v1/tasks',
  summary: 'Begins a run. Takes the short form, or a CloudEvent in structured or binary mode. Answers when the task is durable.',
  role: 'operator',
  status: 202,
  headers: {
    'ce-specversion': 'CloudEvents in binary mode: `1.0`. The other `ce-` headers are the attributes and the body is the data.',
    traceparent: 'The trace that the run continues (W3C Trace Context).',
  },
  body: { 'application/json': taskRequest, 'application/cloudevents+json': taskEvent },
  answer: { 'application/json': taskAccepted },
  problems: [409, 413, 415, 422, 429],
};
