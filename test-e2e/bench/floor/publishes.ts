import type { NatsConnection } from '@nats-io/transport-node';
import type { BareStreams } from './bare-streams.ts';

/** Durable publishes a second, with so many in flight, spread evenly over the streams. */
export async function measurePublishes(connection: NatsConnection, streams: BareStreams, bytes: number, concurrency: number, seconds: number): Promise<number> {
  const payload = new Uint8Array(bytes).fill(97);
  const started = performance.now();
  let published = 0;
  await Promise.all(Array.from({ length: concurrency }, async (_, worker) => {
    for (let number = 0; performance.now() - started < seconds * 1_000; number += 1) {
      await connection.request(streams.subject((worker + number) % streams.count, `run-${worker}`), payload, { timeout: 10_000 });
      published += 1;
    }
  }));
  return published / ((performance.now() - started) / 1_000);
}
