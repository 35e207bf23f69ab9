import { JetStreamApiError, jetstreamManager, type ConsumerConfig, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { HoldfastError, INSTALLATION_STREAM, RETIRED_CONSUMERS, RETIRED_STREAMS, consumersOf, streamsOf, subjects, type InstallationRecord, type StreamDeclaration, type Team } from '@holdfast/contracts';
import { consumerSettings, describeDifferences, differences, streamSettings } from './stream-settings.js';

export interface InstallSettings {
  /** One or several `nats://host:port`, separated by commas. */
  readonly url: string;
  /** The seed of the account that owns the streams; none for a broker without users. */
  readonly seed?: string | undefined;
  readonly partitions: number;
  readonly adapters: readonly string[];
  /** The teams outside, each with a durable consumer of public events; none when left out. */
  readonly teams?: readonly Team[];
  /** Copies of each stream: 1 on a single server, 3 in a cluster. */
  readonly replicas?: number;
}

/**
 * Creates what is missing of an installation's streams and consumers. What exists and differs is reported with
 * `install.drifted` and never overwritten: a changed partition count would orphan every run. A stream of an earlier
 * release that stands in the way is reported with `install.retired-stream` and what to do about it.
 */
export async function install(settings: InstallSettings): Promise<{ readonly created: readonly string[] }> {
  const connection = await connectWithin(settings);
  try {
    const manager = await jetstreamManager(connection, { timeout: 10_000 });
    const created: string[] = [];
    const present = new Set<string>();
    for await (const stream of manager.streams.list()) present.add(stream.config.name);
    refuseOtherPartitions(present, settings.partitions);
    refuseRetiredStreams(present);
    for (const declaration of streamsOf(settings.partitions)) {
      if (await ensureStream(manager, declaration, settings.replicas ?? 1, present)) created.push(declaration.name);
    }
    for (const { stream, name } of RETIRED_CONSUMERS) await manager.consumers.delete(stream, name).catch(unlessMissing);
    for (const declaration of consumersOf(settings.partitions, settings.adapters, settings.teams)) {
      await manager.consumers.add(declaration.stream, consumerSettings(declaration) as Partial<ConsumerConfig>);
    }
    await writeRecord(connection, manager, { partitions: settings.partitions, adapters: [...settings.adapters] });
    return { created };
  } finally {
    await connection.close();
  }
}

const CONNECT_ATTEMPTS = 20;
const CONNECT_DELAY_MS = 250;

/** A broker that is just starting is waited for; one that is not there is told of (`waitOnFirstConnect` would wait for ever). */
export async function connectWithin(settings: Pick<InstallSettings, 'url' | 'seed'>): Promise<NatsConnection> {
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

/** Before anything is made, so that an upgrade which cannot go on leaves the old installation whole. */
function refuseRetiredStreams(present: ReadonlySet<string>): void {
  const retired = RETIRED_STREAMS.find(({ name }) => present.has(name));
  if (retired !== undefined) throw new HoldfastError({ code: 'install.retired-stream', message: retired.message, retryable: false, remedy: `Nothing was changed. ${retired.remedy}` });
}

async function ensureStream(manager: JetStreamManager, declaration: StreamDeclaration, replicas: number, present: ReadonlySet<string>): Promise<boolean> {
  const wanted = streamSettings(declaration, replicas);
  if (!present.has(declaration.name)) {
    await manager.streams.add(wanted as Partial<StreamConfig> & { name: string });
    return true;
  }
  const { config } = await manager.streams.info(declaration.name);
  const found = differences(config as unknown as Record<string, unknown>, wanted);
  if (found.length > 0) {
    throw new HoldfastError({ code: 'install.drifted', message: `Stream ${declaration.name} has other settings: ${describeDifferences(found)}.`, retryable: false, remedy: 'Nothing was changed. Compare the stream with the release notes and change it by hand, or restore it; the doctor lists all streams.' });
  }
  return false;
}

/** Written once, and again when it says something else, so that services can compare their settings with it. */
async function writeRecord(connection: NatsConnection, manager: JetStreamManager, record: InstallationRecord): Promise<void> {
  const known = await manager.direct.getMessage(INSTALLATION_STREAM, { last_by_subj: subjects.installation() }).catch(() => null);
  if (known !== null && JSON.stringify(known.json()) === JSON.stringify(record)) return;
  const answer = await connection.request(subjects.installation(), JSON.stringify(record), { timeout: 5_000 });
  const { error } = answer.json<{ error?: { description: string } }>();
  if (error !== undefined) throw new HoldfastError({ code: 'install.failed', message: `The record of the installation could not be written: ${error.description}.`, retryable: true, remedy: 'Check the broker and run the installer again.' });
}

/** The broker's code for a consumer that is not there. */
const CONSUMER_NOT_FOUND = 10014;

function unlessMissing(error: unknown): boolean {
  if (error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND) return false;
  throw error;
}
