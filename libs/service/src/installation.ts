import { readJson, type Bus } from '@holdfast/bus';
import { HoldfastError, INSTALLATION_STREAM, brokerStatus, durabilityOf, installationRecord, subjects } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';

/** How long the broker's servers may take to tell their status, in milliseconds. */
const STATUS_WAIT_MS = 1_000;

/**
 * Compares the configured number of partitions with what the installer wrote down. Throws `settings.partitions-differ`:
 * a service that counts otherwise would look for runs where they are not. Without a record (an installer that has not run,
 * or of an earlier release) it warns and lets the service start, which takes up work when the streams are there.
 */
export async function checkInstallation(bus: Pick<Bus, 'lastBySubject'>, partitions: number, logger: Pick<Logger, 'warn'>): Promise<void> {
  const stored = await bus.lastBySubject(INSTALLATION_STREAM, subjects.installation()).catch((error: unknown) => {
    logger.warn({ err: error }, 'the record of the installation cannot be read: run the installer');
    return undefined;
  });
  if (stored === undefined) return;
  const record = installationRecord.safeParse(readJson(stored.data));
  if (!record.success) {
    logger.warn({ reason: record.error.message }, 'the record of the installation is malformed: run the installer');
    return;
  }
  if (record.data.partitions === partitions) return;
  throw new HoldfastError({
    code: 'settings.partitions-differ',
    message: `HOLDFAST_PARTITIONS is ${partitions}, but the log was installed with ${record.data.partitions} partitions.`,
    retryable: false,
    remedy: `Set HOLDFAST_PARTITIONS to ${record.data.partitions}: the number is fixed when the log is first installed.`,
  });
}

/** Says in the log whether the broker really writes to disk before it acknowledges. Never throws. */
export async function tellDurability(bus: Pick<Bus, 'askAll'>, logger: Pick<Logger, 'info' | 'warn'>): Promise<void> {
  const statuses = await bus.askAll(subjects.brokerStatus(), {}, brokerStatus, STATUS_WAIT_MS);
  const durability = durabilityOf(statuses);
  const servers = statuses.map(({ server }) => server.name);
  switch (durability) {
    case 'power': return logger.info({ durability, servers }, 'every acknowledged write is on the broker\'s disk');
    case 'process': return logger.warn({ durability, servers }, 'the broker acknowledges writes before they are on disk: a loss of power can lose them; set sync_interval: always');
    case 'unknown': return logger.warn({ durability }, 'the broker does not say whether it writes to disk before it acknowledges: use the configuration that this release generates, or look for sync_interval: always');
  }
}
