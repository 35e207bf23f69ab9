import { JetStreamApiError, jetstreamManager, type ConsumerConfig, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { HoldfastError, RETIRED_CONSUMERS, consumersOf, streamsOf, type ConsumerDeclaration, type StreamDeclaration } from '@holdfast/contracts';

export interface InstallSettings {
  /** One or several `nats://host:port`, separated by commas. */
  readonly url: string;
  /** The seed of the account that owns the streams; none for a broker without users. */
  readonly seed?: string | undefined;
  readonly partitions: number;
  readonly adapters: readonly string[];
  /** Copies of each stream: 1 on a single server, 3 in a cluster. */
  readonly replicas?: number;
}

/**
 * Creates what is missing of an installation's streams and consumers. What exists and differs is reported with
 * `install.drifted` and never overwritten: a changed partition count would orphan every run.
 */
export async function install(settings: InstallSettings): Promise<{ readonly created: readonly string[] }> {
  const connection = await connectWithin(settings);
  try {
    const manager = await jetstreamManager(connection, { timeout: 10_000 });
    const created: string[] = [];
    const present = new Set<string>();
    for await (const stream of manager.streams.list()) present.add(stream.config.name);
    refuseOtherPartitions(present, settings.partitions);
    for (const declaration of streamsOf(settings.partitions)) {
      if (await ensureStream(manager, declaration, settings.replicas ?? 1, present)) created.push(declaration.name);
    }
    for (const { stream, name } of RETIRED_CONSUMERS) await manager.consumers.delete(stream, name).catch(unlessMissing);
    for (const declaration of consumersOf(settings.partitions, settings.adapters)) {
      await manager.consumers.add(declaration.stream, consumerConfig(declaration));
    }
    return { created };
  } finally {
    await connection.close();
  }
}

const CONNECT_ATTEMPTS = 20;
const CONNECT_DELAY_MS = 250;

/** A broker that is just starting is waited for; one that is not there is told of (`waitOnFirstConnect` would wait for ever). */
async function connectWithin(settings: InstallSettings): Promise<NatsConnection> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connect({ servers: settings.url.split(','), authenticator: settings.seed === undefined ? undefined : nkeyAuthenticator(new TextEncoder().encode(settings.seed)), name: 'holdfast-installer', maxReconnectAttempts: 20, reconnectTimeWait: CONNECT_DELAY_MS, timeout: 2_000 });
    } catch (cause) {
      if (attempt < CONNECT_ATTEMPTS && !/invalid url|authorization/i.test(String(cause))) {
        await sleep(CONNECT_DELAY_MS);
        continue;
      }
      throw new HoldfastError({ code: 'install.unreachable', message: `No broker can be used at ${settings.url}: ${cause instanceof Error ? cause.message : String(cause)}.`, retryable: true, remedy: 'Start that broker or correct NATS_URL; or unset it and a broker is started for you.', cause });
    }
  }
}

function refuseOtherPartitions(present: ReadonlySet<string>, partitions: number): void {
  const existing = [...present].filter((name) => name.startsWith('LOG-')).length;
  if (existing !== 0 && existing !== partitions) {
    throw new HoldfastError({ code: 'install.drifted', message: `The log has ${existing} partitions and ${partitions} are asked for.`, retryable: false, remedy: `Set HOLDFAST_PARTITIONS to ${existing}: the number is fixed when the log is first installed.` });
  }
}

async function ensureStream(manager: JetStreamManager, declaration: StreamDeclaration, replicas: number, present: ReadonlySet<string>): Promise<boolean> {
  const wanted = streamConfig(declaration, replicas);
  if (!present.has(declaration.name)) {
    await manager.streams.add(wanted);
    return true;
  }
  const { config } = await manager.streams.info(declaration.name);
  const differing = Object.entries(wanted).filter(([key, value]) => JSON.stringify(config[key as keyof StreamConfig]) !== JSON.stringify(value));
  if (differing.length > 0) {
    throw new HoldfastError({ code: 'install.drifted', message: `Stream ${declaration.name} differs from this release in ${differing.map(([key]) => key).join(', ')}.`, retryable: false, remedy: 'Compare the stream with the release notes and change it by hand, or restore it.' });
  }
  return false;
}

function streamConfig(declaration: StreamDeclaration, replicas: number): Partial<StreamConfig> & { name: string } {
  return {
    name: declaration.name,
    subjects: [...declaration.subjects],
    retention: declaration.retention,
    storage: declaration.storage,
    num_replicas: replicas,
    allow_direct: declaration.allowDirect,
    deny_delete: declaration.appendOnly,
    deny_purge: declaration.appendOnly,
    ...(declaration.allowSchedules ? { allow_msg_schedules: true, allow_rollup_hdrs: true } : {}),
    ...(declaration.maximumPerSubject === undefined ? {} : { max_msgs_per_subject: declaration.maximumPerSubject }),
    ...(declaration.maximumAgeMs === undefined ? {} : { max_age: declaration.maximumAgeMs * 1_000_000 }),
    ...(declaration.republish === undefined ? {} : { republish: { src: declaration.republish.source, dest: declaration.republish.destination } }),
  } as Partial<StreamConfig> & { name: string };
}

/** The broker's code for a consumer that is not there. */
const CONSUMER_NOT_FOUND = 10014;

function unlessMissing(error: unknown): boolean {
  if (error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND) return false;
  throw error;
}

function consumerConfig(declaration: ConsumerDeclaration): Partial<ConsumerConfig> {
  return {
    durable_name: declaration.name,
    ...(typeof declaration.filter === 'string' ? { filter_subject: declaration.filter } : { filter_subjects: [...declaration.filter] }),
    ack_policy: 'explicit',
    deliver_policy: 'all',
    ack_wait: declaration.ackWaitMs * 1_000_000,
    max_ack_pending: declaration.maximumInFlight,
    max_deliver: -1,
  };
}
