import { createHash } from 'node:crypto';
import type { WorkMessage, WorkResult } from '@holdfast/bus';
import { HoldfastError, publisherOf, subjects, tenantId, type DeadLetter } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import { publishEvent } from '../public-events/event-publisher.js';
import { taskRefused } from '../public-events/run-events.js';
import { acceptTask } from './accept-task.js';
import { readTaskEvent, traceOf } from './cloud-event.js';
import type { FactInbox, FactPublisher } from './fact-inbox.js';
import { MAXIMUM_EVENT_BYTES } from './limits.js';

/** Milliseconds until a message is tried again when the broker did not confirm what became of it. */
const RETRY_DELAY_MS = 500;
/** Tasks that the inbox has no room for wait here, in their own queue. */
const BUSY: readonly string[] = ['task.tenant-busy', 'task.inbox-full'];
const BUSY_DELAY_MS = 2_000;
/** Characters of a refused message that its dead letter keeps. */
const KEPT_PAYLOAD = 65_536;
const NOT_KEPT = '[not kept: it is about a data subject]';
/** The place of dead letters whose subject names no tenant. */
const NO_TENANT = 'unknown';

/**
 * The attributes that are looked for in binary mode: those of the specification, of the tracing extension, and Holdfast's own. Headers of a
 * message can be asked for by name only, so other extensions are not carried over.
 */
const ATTRIBUTES = ['specversion', 'id', 'source', 'type', 'time', 'subject', 'dataschema', 'traceparent', 'tracestate', 'scope', 'thread', 'datasubject'] as const;

export interface TaskIntakeOptions {
  readonly inbox: FactInbox;
  readonly bus: FactPublisher;
  readonly logger: Pick<Logger, 'warn'>;
  readonly clock: () => number;
}

/** Makes runs of the task events that other services publish on `tasks.<tenant>`. */
export class TaskIntake {
  constructor(private readonly options: TaskIntakeOptions) {}

  /**
   * Handles one message. It is done with once its fact, or its dead letter, is stored; before that it is given back. An
   * event that can never become a run goes to the dead letters once, and the queue goes on.
   */
  async handle(message: WorkMessage): Promise<WorkResult> {
    const named = tenantId.safeParse(message.subject.slice('tasks.'.length));
    const tenant = named.success ? named.data : NO_TENANT;
    try {
      if (!named.success) throw refused('task.tenant-invalid', `The subject "${message.subject}" names no tenant: a tenant ${named.error.issues[0]?.message}.`, 'Publish to tasks.<tenant>.');
      const event = readTaskEvent({ contentType: header(message, 'Content-Type'), attributes: attributesOf(message), body: bodyOf(message) });
      await acceptTask(this.options.inbox, { tenant, event, requester: publisherOf(event.source), trace: traceOf(event, (name) => header(message, name)) });
      return 'done';
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      if (error.retryable) return { againAfterMs: BUSY.includes(error.code) ? BUSY_DELAY_MS : RETRY_DELAY_MS };
      return this.bury(message, tenant, error);
    }
  }

  private async bury(message: WorkMessage, tenant: string, error: HoldfastError): Promise<WorkResult> {
    const letter: DeadLetter = { at: this.options.clock(), subject: message.subject, code: error.code, reason: error.message, remedy: error.remedy, payload: isAboutSomebody(message) ? NOT_KEPT : excerptOf(message.data) };
    const name = letterOf(message);
    // Whoever published it hears of it before it is done with; a name that is no tenant has nobody.
    const event = taskRefused(tenant, name, letter.at, { code: error.code, remedy: error.remedy, sequence: message.sequence });
    if (tenant !== NO_TENANT && !await publishEvent(this.options.bus, event)) return { againAfterMs: RETRY_DELAY_MS };
    const answer = await this.options.bus.publish(subjects.dead(tenant, 'intake', name), JSON.stringify(letter), { expected: { sequence: 0 } });
    // A conflict with a last sequence says that the letter is there: we died between it and its acknowledgement.
    if (answer.status === 'conflict' && answer.lastSequence !== undefined) return 'done';
    if (answer.status !== 'stored') return { againAfterMs: RETRY_DELAY_MS };
    this.options.logger.warn({ tenant, subject: message.subject, sequence: message.sequence, code: error.code, reason: error.message }, 'a task event was refused and put on the dead-letter list');
    return 'done';
  }
}

/** What names a data subject is not kept in a letter, which no erasure reaches. */
function isAboutSomebody(message: WorkMessage): boolean {
  return header(message, 'ce-datasubject') !== undefined || /"datasubject"/i.test(new TextDecoder().decode(message.data));
}

/** The letter's own token: the place in the queue, and the content, since a queue that was made anew counts from 1 again. */
function letterOf(message: WorkMessage): string {
  return `${message.sequence}-${createHash('sha256').update(message.subject).update('\n').update(message.data).digest('hex').slice(0, 24)}`;
}

function refused(code: string, message: string, remedy: string): HoldfastError {
  return new HoldfastError({ code, message, retryable: false, remedy });
}

function bodyOf(message: WorkMessage): unknown {
  if (message.data.byteLength > MAXIMUM_EVENT_BYTES) throw refused('task.too-large', `The message has ${message.data.byteLength} bytes; at most ${MAXIMUM_EVENT_BYTES} are taken.`, 'Keep large content elsewhere and refer to it by address.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(message.data);
  } catch {
    throw refused('task.invalid', 'The message is not UTF-8 text.', 'Publish a CloudEvent in the JSON event format.');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused('task.invalid', `The message is not JSON: ${error instanceof Error ? error.message : String(error)}.`, 'Publish a CloudEvent in the JSON event format.');
  }
}

/** Header names are compared exactly by the broker's client, and publishers differ in how they write them. */
function header(message: WorkMessage, name: string): string | undefined {
  return message.header(name.toLowerCase()) ?? message.header(name) ?? message.header(name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase()));
}

function attributesOf(message: WorkMessage): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ATTRIBUTES) {
    const value = header(message, `ce-${name}`);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** The beginning of a message as text, whatever it is; bytes that are no text become replacement characters. */
function excerptOf(data: Uint8Array): string {
  const text = new TextDecoder().decode(data.subarray(0, KEPT_PAYLOAD));
  return data.byteLength > KEPT_PAYLOAD ? `${text}… (${data.byteLength} bytes)` : text;
}
