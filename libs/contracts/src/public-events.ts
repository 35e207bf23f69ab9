import { z } from 'zod';
import { effectClass } from './catalog.js';
import { toolOutcome, usage } from './events.js';
import { digest, runId, toolName } from './identifiers.js';

const callId = z.string();
const noData = z.strictObject({});

/**
 * What outsiders are told of runs, by kind. It names things and carries no text: no goal, argument, result, reason, answer or
 * name of a person. So the stream of these needs no erasure, and a secret cannot get into it.
 */
const kinds = {
  'run-accepted': z.strictObject({
    agent: z.strictObject({ name: z.string(), digest }),
    /** The task event that the run is for. Absent where it names a data subject: its run's id says which one it is. */
    task: z.strictObject({ source: z.string(), id: z.string(), type: z.string() }).optional(),
    /** The run that this one was forked from, or that started it. */
    origin: runId.optional(),
  }),
  'approval-requested': z.strictObject({ approval: z.string(), call: callId, tool: toolName, expiresAt: z.iso.datetime() }),
  'approval-answered': z.strictObject({ approval: z.string(), call: callId, answer: z.enum(['approved', 'rejected', 'expired', 'edited', 'endorsed']) }),
  'question-asked': z.strictObject({ call: callId, tool: toolName }),
  'tool-called': z.strictObject({ call: callId, tool: toolName, effect: effectClass }),
  'tool-answered': z.strictObject({ call: callId, tool: toolName, status: z.enum(toolOutcome.options.map((option) => option.shape.status.value)), code: z.string().optional().describe('Of a failure or a doubt: its stable code.') }),
  'call-refused': z.strictObject({ call: callId, tool: toolName }),
  'run-paused': noData,
  'run-resumed': noData,
  'run-ended': z.strictObject({ status: z.enum(['completed', 'failed', 'cancelled']), usage: usage.optional() }),
  /** What a commit said was erased before it could be told. */
  'content-erased': noData,
  /** A task event of this tenant was refused and is no run. */
  'task-refused': z.strictObject({ code: z.string(), remedy: z.string(), sequence: z.int().describe('The sequence that the broker gave the task event when it took it.') }),
} as const;

export type PublicEventKind = keyof typeof kinds;
export const PUBLIC_EVENT_KINDS = Object.keys(kinds) as readonly PublicEventKind[];
export type PublicEventData<K extends PublicEventKind> = z.infer<(typeof kinds)[K]>;

export const PUBLIC_EVENT_PREFIX = 'holdfast.';

function cloudEvent<K extends PublicEventKind>(kind: K) {
  return z.strictObject({
    specversion: z.literal('1.0'),
    id: z.string().describe('With `source`, unique for the event and the same however often it is delivered. Of a run: `<commit>.<index>`.'),
    source: z.string().describe('`/tenants/<tenant>/runs/<run>`, or `/tenants/<tenant>/tasks` of a task event that was refused.'),
    type: z.literal(`${PUBLIC_EVENT_PREFIX}${kind}`),
    subject: z.string().describe('The run, or of a refused task event its dead letter.'),
    time: z.iso.datetime(),
    datacontenttype: z.literal('application/json'),
    data: kinds[kind],
  });
}

/** The CloudEvent 1.0 of one kind, in the JSON event format (structured mode of the NATS protocol binding). */
export const publicEventOf = Object.fromEntries(PUBLIC_EVENT_KINDS.map((kind) => [kind, cloudEvent(kind)])) as unknown as { readonly [K in PublicEventKind]: ReturnType<typeof cloudEvent<K>> };
export type PublicRunEvent = z.infer<(typeof publicEventOf)[PublicEventKind]>;
