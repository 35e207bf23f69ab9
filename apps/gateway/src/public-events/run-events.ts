import { PUBLIC_EVENT_PREFIX, subjects, type Commit, type Failure, type PublicEventData, type PublicEventKind, type RunEvent } from '@holdfast/contracts';

/** A public event with the subject under which outsiders read it. */
export interface AddressedEvent {
  readonly subject: string;
  /** A CloudEvent in the JSON event format. */
  readonly event: Readonly<Record<string, unknown>>;
}

type Told = { readonly [K in PublicEventKind]: readonly [kind: K, data: PublicEventData<K>] }[PublicEventKind];

/** What outsiders are told of one commit, in order. It follows from the commit alone, so whoever tells it again says the same. */
export function runEventsOf(commit: Commit): readonly AddressedEvent[] {
  const { tenant, runId, number } = commit;
  return commit.events.flatMap((event, index): readonly AddressedEvent[] => {
    const told = tell(event);
    if (told === undefined) return [];
    const [kind, data] = told;
    return [{
      subject: subjects.publicEvent({ tenant, runId }, number, index, kind),
      event: cloudEvent({ id: `${number}.${index}`, source: `/tenants/${tenant}/runs/${runId}`, subject: runId, kind, at: commit.at, data }),
    }];
  });
}

/** That a task event was refused, told to its tenant. */
export function taskRefused(tenant: string, letter: string, at: number, data: PublicEventData<'task-refused'>): AddressedEvent {
  return { subject: subjects.taskRefused(tenant, letter), event: cloudEvent({ id: letter, source: `/tenants/${tenant}/tasks`, subject: letter, kind: 'task-refused', at, data }) };
}

function cloudEvent({ id, source, subject, kind, at, data }: { readonly id: string; readonly source: string; readonly subject: string; readonly kind: PublicEventKind; readonly at: number; readonly data: object }): Readonly<Record<string, unknown>> {
  return { specversion: '1.0', id, source, type: `${PUBLIC_EVENT_PREFIX}${kind}`, subject, time: new Date(at).toISOString(), datacontenttype: 'application/json', data };
}

/** Only what names things: nothing that a person, a model or a tool wrote may be among it, since nobody can erase it. */
function tell(event: RunEvent): Told | undefined {
  switch (event.type) {
    case 'task-accepted': {
      const { source, id, type, dataSubject } = event.task;
      return ['run-accepted', { agent: event.agent, ...(dataSubject === undefined ? { task: { source, id, type } } : {}), ...(event.parent === undefined ? {} : { origin: event.parent.runId }) }];
    }
    case 'run-forked':
      return ['run-accepted', { agent: event.agent, origin: event.origin.runId }];
    case 'approval-requested':
      return ['approval-requested', { approval: event.approvalId, call: event.callId, tool: event.tool, expiresAt: new Date(event.expiresAt).toISOString() }];
    case 'approval-answered':
      return ['approval-answered', { approval: event.approvalId, call: event.callId, answer: event.answer }];
    case 'wait-begun':
      return event.wait.for === 'signal' && event.wait.question !== undefined ? ['question-asked', { call: event.callId, tool: event.tool }] : undefined;
    case 'tool-called':
      return ['tool-called', { call: event.callId, tool: event.tool, effect: event.effect }];
    case 'tool-returned':
      return ['tool-answered', { call: event.callId, tool: event.tool, status: event.outcome.status, ...(event.outcome.status === 'succeeded' ? {} : codeOf(event.outcome.failure)) }];
    case 'call-refused':
      return ['call-refused', { call: event.callId, tool: event.tool }];
    case 'run-paused':
    case 'run-resumed':
    case 'content-erased':
      return [event.type, {}];
    case 'run-ended':
      return ['run-ended', { status: event.status, ...(event.usage === undefined ? {} : { usage: event.usage }) }];
    default:
      return undefined;
  }
}

/** A code that somebody made a sentence of is none. */
function codeOf({ code }: Failure): { readonly code?: string } {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(code) ? { code } : {};
}
