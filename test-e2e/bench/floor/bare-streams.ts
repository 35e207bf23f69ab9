import type { NatsConnection } from '@nats-io/transport-node';

/** Streams of the same kind as the log's on the same broker, which nothing but a bare client uses. */
export interface BareStreams {
  readonly count: number;
  subject(stream: number, token: string): string;
  streamName(stream: number): string;
  remove(): Promise<void>;
}

export async function api<T>(core: NatsConnection, path: string, question: object = {}): Promise<T> {
  const answer = (await core.request(`$JS.API.${path}`, JSON.stringify(question), { timeout: 10_000 })).json<T & { readonly error?: { readonly description: string } }>();
  if (answer.error !== undefined) throw new Error(`${path}: ${answer.error.description}`);
  return answer;
}

/** Makes so many file streams, so that a floor writes to the same disk under the same `sync_interval`. */
export async function createBareStreams(core: NatsConnection, count: number): Promise<BareStreams> {
  const streamName = (stream: number): string => `BARE-${stream}`;
  for (let stream = 0; stream < count; stream += 1) {
    await api(core, `STREAM.CREATE.${streamName(stream)}`, { name: streamName(stream), subjects: [`bare.${stream}.>`], retention: 'limits', storage: 'file', num_replicas: 1, discard: 'old', allow_direct: true });
  }
  return {
    count, streamName,
    subject: (stream, token) => `bare.${stream}.${token}`,
    remove: async () => {
      for (let stream = 0; stream < count; stream += 1) await api(core, `STREAM.DELETE.${streamName(stream)}`);
    },
  };
}
