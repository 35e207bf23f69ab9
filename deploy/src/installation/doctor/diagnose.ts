import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  HoldfastError, INSTALLATION_STREAM, RETIRED_STREAMS, brokerStatus, consumersOf, durabilityOf, installationRecord, logStream, streamsOf, subjects,
  type BrokerStatus, type Durability,
} from '@holdfast/contracts';
import { connectWithin, type InstallSettings } from '../install.js';
import { consumerSettings, describeDifferences, differences, streamSettings } from '../stream-settings.js';
import { quarantinedRuns } from './quarantine.js';
import { refusedPermits } from './refused-permits.js';
import { refusedRoles } from './roles.js';

export interface DiagnosisSettings extends InstallSettings {
  /** What the broker is meant to run. */
  readonly durability: Durability;
  /** Seeds of roles whose permissions shall be tried, by role. */
  readonly seeds?: Readonly<Record<string, string>>;
}

/** One thing that is wrong, with what to do. A warning is worth a look and does not fail the diagnosis. */
export interface Problem {
  readonly level: 'wrong' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export interface Diagnosis {
  readonly healthy: boolean;
  readonly durability: Durability | 'unknown';
  readonly servers: readonly { readonly name: string; readonly version: string; readonly clockSkewMs: number }[];
  readonly problems: readonly Problem[];
}

/** How long the servers' answers are waited for, in milliseconds. */
const STATUS_WAIT_MS = 500;
/** Timers may be a second late; clocks that differ by more than this break that promise, and permits' expiry with it. */
const CLOCK_SKEW_MS = 1_000;

/**
 * Compares a broker with what an installation of this release needs, and changes nothing. Throws `install.unreachable`
 * when there is no broker to look at; everything else that is wrong is told in the answer.
 */
export async function diagnose(settings: DiagnosisSettings): Promise<Diagnosis> {
  const connection = await connectWithin(settings);
  try {
    const { statuses, heardAt } = await askStatuses(connection);
    const durability = durabilityOf(statuses);
    const servers = statuses.map(({ server }, index) => ({ name: server.name, version: server.ver, clockSkewMs: Math.round(Date.parse(server.time) - (heardAt[index] ?? 0)) }));
    const manager = await jetstreamManager(connection, { timeout: 5_000 });
    const problems = [
      ...durabilityProblems(durability, settings.durability),
      ...servers.filter(({ clockSkewMs }) => Math.abs(clockSkewMs) > CLOCK_SKEW_MS).map((server): Problem => wrong('doctor.clock-skew', `The clock of server ${server.name} differs from this machine's by ${server.clockSkewMs} ms.`, 'Synchronise both clocks (NTP): timers, deadlines and permits depend on them.')),
      ...(await streamProblems(manager, settings)),
      ...(await consumerProblems(manager, settings)),
      ...(await refusedRoles(settings)),
      ...(await quarantinedRuns(manager)),
      ...(await refusedPermits(manager)),
    ];
    return { healthy: problems.every(({ level }) => level === 'warning'), durability, servers, problems };
  } finally {
    await connection.close();
  }
}

async function askStatuses(connection: NatsConnection): Promise<{ readonly statuses: readonly BrokerStatus[]; readonly heardAt: readonly number[] }> {
  const statuses: BrokerStatus[] = [];
  const heardAt: number[] = [];
  try {
    for await (const message of await connection.requestMany(subjects.brokerStatus(), '{}', { strategy: 'timer', maxWait: STATUS_WAIT_MS })) {
      const parsed = brokerStatus.safeParse(message.data.byteLength === 0 ? undefined : message.json());
      if (!parsed.success) continue;
      statuses.push(parsed.data);
      heardAt.push(Date.now());
    }
  } catch {
    // Nobody is there to answer: a broker whose configuration is not ours. What was heard so far counts.
  }
  return { statuses, heardAt };
}

function durabilityProblems(is: Durability | 'unknown', should: Durability): readonly Problem[] {
  if (is === should) return [];
  if (is === 'unknown') {
    return [{ level: 'warning', code: 'doctor.durability-unknown', message: 'The broker does not say whether it writes to disk before it acknowledges.', remedy: 'Use the broker configuration that this release generates (it lets STATSZ out of the system account), or look for `sync_interval: always` in the jetstream block yourself.' }];
  }
  const remedy = should === 'power' ? 'Set `sync_interval: always` in the jetstream block of every server and restart them.' : 'Nothing is in danger; set HOLDFAST_DURABILITY to power, or make the broker quicker for development.';
  return [wrong('doctor.durability', `The broker runs with durability "${is}" and "${should}" is asked for.`, remedy)];
}

async function streamProblems(manager: JetStreamManager, settings: DiagnosisSettings): Promise<readonly Problem[]> {
  const present = new Map<string, Record<string, unknown>>();
  for await (const { config } of manager.streams.list()) present.set(config.name, config as unknown as Record<string, unknown>);
  const problems: Problem[] = [];
  const partitions = [...present.keys()].filter((name) => /^LOG-\d+$/.test(name)).length;
  if (partitions !== settings.partitions && partitions > 0) {
    problems.push(wrong('doctor.partitions', `The broker has ${partitions} partitions (streams LOG-0 to ${logStream(partitions - 1)}) and ${settings.partitions} are configured: runs would be looked for in the wrong place.`, `Set HOLDFAST_PARTITIONS to ${partitions} everywhere: the number is fixed when the log is first installed.`));
  }
  for (const { name, message, remedy } of RETIRED_STREAMS) if (present.has(name)) problems.push(wrong('doctor.stream-retired', message, remedy));
  for (const declaration of streamsOf(settings.partitions)) {
    const config = present.get(declaration.name);
    if (config === undefined) {
      problems.push(wrong('doctor.stream-missing', `Stream ${declaration.name} is missing.`, 'Run the installer; if it was there before, restore it from a backup first.'));
      continue;
    }
    const found = differences(config, streamSettings(declaration, settings.replicas ?? 1));
    if (found.length > 0) problems.push(wrong('doctor.stream-drifted', `Stream ${declaration.name} has other settings: ${describeDifferences(found)}.`, 'Change them by hand after comparing with the release notes; the installer never overwrites a stream.'));
  }
  if (present.has(INSTALLATION_STREAM)) problems.push(...(await recordProblems(manager, settings)));
  return problems;
}

/** Services believe the installer's record, so it has to say what is there. */
async function recordProblems(manager: JetStreamManager, { partitions }: DiagnosisSettings): Promise<readonly Problem[]> {
  const message = await manager.direct.getMessage(INSTALLATION_STREAM, { last_by_subj: subjects.installation() }).catch(() => null);
  const record = message === null ? undefined : installationRecord.safeParse(message.json()).data;
  if (record?.partitions === partitions) return [];
  return [wrong('doctor.record', record === undefined ? 'The installer left no record.' : `The installer's record names ${record.partitions} partitions and ${partitions} are configured.`, 'Run the installer with the settings that the services have.')];
}

async function consumerProblems(manager: JetStreamManager, { partitions, adapters }: DiagnosisSettings): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const declaration of consumersOf(partitions, adapters)) {
    const name = `${declaration.stream}/${declaration.name}`;
    try {
      const { config } = await manager.consumers.info(declaration.stream, declaration.name);
      const found = differences(config as unknown as Record<string, unknown>, consumerSettings(declaration));
      if (found.length > 0) problems.push(wrong('doctor.consumer-drifted', `Consumer ${name} has other settings: ${describeDifferences(found)}.`, 'Run the installer, which brings consumers up to date.'));
    } catch (error) {
      problems.push(wrong('doctor.consumer-missing', `Consumer ${name} is missing (${error instanceof Error ? error.message : String(error)}).`, 'Run the installer; services take up work again by themselves.'));
    }
  }
  return problems;
}

function wrong(code: string, message: string, remedy: string): Problem {
  return { level: 'wrong', code, message, remedy };
}

/** For programs that cannot even connect. */
export function unreachable(error: unknown): Diagnosis {
  const { code, message, remedy } = error instanceof HoldfastError ? error : { code: 'doctor.failed', message: String(error), remedy: 'Check the broker and try again.' };
  return { healthy: false, durability: 'unknown', servers: [], problems: [wrong(code, message, remedy)] };
}
