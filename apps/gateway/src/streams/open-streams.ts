import type { FastifyReply, FastifyRequest } from 'fastify';
import { HoldfastError } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import type { Principal } from '../edge/api-keys.js';
import { principalOf } from '../edge/principals.js';
import { EventStream } from './event-stream.js';

const CONTENT_TYPE = 'text/event-stream; charset=utf-8';
const HEARTBEAT_MS = 15_000;
const PATIENCE_MS = 10_000;
/** Timers of Node take no more. */
const LONGEST_MS = 2 ** 31 - 1;

/** All live streams of this process: their number is bounded, and they end when the service does. */
export class OpenStreams {
  private readonly streams = new Set<EventStream>();
  private slow = 0;

  constructor(private readonly maximum: number, private readonly logger: Pick<Logger, 'warn'>) {}

  /** Streams that are open. */
  get open(): number {
    return this.streams.size;
  }

  /** Clients that were cut off since the start, because they did not read what they were sent. */
  get dropped(): number {
    return this.slow;
  }

  /** Bytes that wait for clients of open streams to read them. */
  get bufferedBytes(): number {
    return [...this.streams].reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0);
  }

  /**
   * Takes over the reply and begins a stream; whoever asks for the head alone is given that, and there is no stream. Throws
   * `gateway.streams-exhausted` (retryable) when too many are open.
   */
  begin(request: FastifyRequest, reply: FastifyReply): EventStream | undefined {
    if (request.method === 'HEAD') return void reply.header('content-type', CONTENT_TYPE).send();
    if (this.streams.size >= this.maximum) {
      throw new HoldfastError({ code: 'gateway.streams-exhausted', message: `${this.maximum} live streams are open.`, retryable: true, remedy: 'Close streams that nobody reads, or try again.' });
    }
    reply.hijack();
    // A hijacked reply is written without Fastify, so the headers set so far have to be handed over.
    reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'content-type': CONTENT_TYPE, 'x-accel-buffering': 'no' });
    reply.raw.flushHeaders();
    const stream = new EventStream(reply.raw, { heartbeatMs: HEARTBEAT_MS, patienceMs: PATIENCE_MS });
    this.streams.add(stream);
    stream.onClose(() => {
      this.streams.delete(stream);
      if (!stream.wasDropped) return;
      this.slow += 1;
      this.logger.warn({ path: request.routeOptions.url }, 'a client did not read its live stream and was cut off');
    });
    endWith(stream, principalOf(request));
    return stream;
  }

  /** A stream that breaks off is taken up by its client, so its error is a line in the log and nothing more. */
  untilOver(streaming: Promise<void>): Promise<void> {
    return streaming.catch((error: unknown) => this.logger.warn({ err: error }, 'a live stream broke off'));
  }

  endAll(): void {
    for (const stream of [...this.streams]) stream.end();
  }
}

/** Nobody reads on with a token that has ended: a client comes back with a new one, at the place where it was. */
function endWith(stream: EventStream, { expiresAt }: Principal): void {
  if (expiresAt === undefined) return;
  const over = setTimeout(() => stream.end(), Math.min(Math.max(expiresAt - Date.now(), 0), LONGEST_MS));
  stream.onClose(() => clearTimeout(over));
}
