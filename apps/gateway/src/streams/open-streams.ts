import type { FastifyReply } from 'fastify';
import { HoldfastError } from '@holdfast/contracts';
import { EventStream } from './event-stream.js';

const HEARTBEAT_MS = 15_000;
const PATIENCE_MS = 10_000;

/** All live streams of this process: their number is bounded, and they end when the service does. */
export class OpenStreams {
  private readonly streams = new Set<EventStream>();

  constructor(private readonly maximum: number) {}

  /** Takes over the reply and begins a stream. Throws `gateway.streams-exhausted` (retryable) when too many are open. */
  begin(reply: FastifyReply): EventStream {
    if (this.streams.size >= this.maximum) {
      throw new HoldfastError({ code: 'gateway.streams-exhausted', message: `${this.maximum} live streams are open.`, retryable: true, remedy: 'Close streams that nobody reads, or try again.' });
    }
    reply.hijack();
    // A hijacked reply is written without Fastify, so the headers set so far have to be handed over.
    reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    reply.raw.flushHeaders();
    const stream = new EventStream(reply.raw, { heartbeatMs: HEARTBEAT_MS, patienceMs: PATIENCE_MS });
    this.streams.add(stream);
    stream.onClose(() => this.streams.delete(stream));
    return stream;
  }

  endAll(): void {
    for (const stream of [...this.streams]) stream.end();
  }
}
