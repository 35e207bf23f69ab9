import type { Bus, WorkMessage, WorkResult } from '@holdfast/bus';
import { EVENTS_AGE_MS, HoldfastError, eventsConsumer, type RecordedCommit } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import type { Logger } from '@holdfast/observability';
import type { FactPublisher } from '../intake/fact-inbox.js';
import { runEventsOf, type AddressedEvent } from './run-events.js';

/** Milliseconds until a commit is tried again when the broker did not confirm what became of an event. */
const RETRY_DELAY_MS = 250;
/** One commit is in hand; the request for the next one is with the broker already when that is done. */
const REQUESTS = 2;

export interface EventPublisherOptions {
  readonly bus: FactPublisher & Pick<Bus, 'work'>;
  readonly log: Pick<EventLog, 'partitions' | 'decode'>;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  readonly clock: () => number;
}

/**
 * Projects the log to the stream of public events. Its consumers give out a partition's commits one after the other, whichever
 * gateway pulls, and each event's subject must be empty before: so events are told in order, and one is told once, whoever dies.
 */
export class EventPublisher {
  constructor(private readonly options: EventPublisherOptions) {}

  start(): void {
    const { bus, log, logger } = this.options;
    for (let partition = 0; partition < log.partitions; partition += 1) {
      bus.work({
        consumer: eventsConsumer(partition), concurrency: REQUESTS,
        handle: (message) => this.handle(message),
        onError: (error, message) => logger.warn({ err: error, subject: message.subject, sequence: message.sequence }, 'a commit could not be told to outsiders and will be tried again; those behind it wait'),
        onMissing: (description) => logger.error({ description }, 'the consumer for public events is missing: run the installer'),
      });
    }
  }

  /** Tells one commit. It is done with when the broker has all of its events. */
  async handle(message: Pick<WorkMessage, 'subject' | 'sequence' | 'data'>): Promise<WorkResult> {
    const { commit } = await this.read(message) ?? {};
    // Of an older one the stream would have forgotten by now what was told, and telling it would be telling it twice.
    if (commit === undefined || commit.at < this.options.clock() - EVENTS_AGE_MS) return 'done';
    for (const event of runEventsOf(commit)) if (!await publishEvent(this.options.bus, event)) return { againAfterMs: RETRY_DELAY_MS };
    return 'done';
  }

  /** A commit that nobody can ever read must not hold up all others of its partition. */
  private async read(message: Pick<WorkMessage, 'subject' | 'sequence' | 'data'>): Promise<RecordedCommit | undefined> {
    try {
      return await this.options.log.decode(message);
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.retryable) throw error;
      this.options.logger.error({ err: error, subject: message.subject, sequence: message.sequence }, 'a commit cannot be read and is not told to outsiders');
      return undefined;
    }
  }
}

/** Stores an event where there is none yet. False when the broker did not confirm either way, and it has to be tried again. */
export async function publishEvent(bus: FactPublisher, { subject, event }: AddressedEvent): Promise<boolean> {
  const answer = await bus.publish(subject, JSON.stringify(event), { expected: { sequence: 0 }, headers: { 'Content-Type': 'application/cloudevents+json' } });
  return answer.status === 'stored' || (answer.status === 'conflict' && answer.lastSequence !== undefined);
}
