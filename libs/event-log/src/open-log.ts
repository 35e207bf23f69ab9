import { readFileSync } from 'node:fs';
import { Bus } from '@holdfast/bus';
import { BusDataKeyStore, DataKeys, MasterKeys } from '@holdfast/data-keys';
import { DEFAULT_PARTITIONS, HoldfastError, ROLES, type Role } from '@holdfast/contracts';
import { JetStreamEventLog } from './jetstream.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The log, and the connection that it is read by. */
export interface OpenedLog {
  readonly log: JetStreamEventLog;
  readonly bus: Bus;
  close(): Promise<void>;
}

/**
 * Opens the log for a program that reads it as any service does: NATS_URL, HOLDFAST_PARTITIONS, HOLDFAST_NATS_ROLE (evals
 * unless set), that role's HOLDFAST_NATS_SEED or HOLDFAST_NATS_SEED_FILE, and HOLDFAST_MASTER_KEY_FILE, without which runs about data subjects
 * can only be checked. `name` is the connection's, for people. Throws `settings.invalid`.
 */
export async function openLog(environment: Environment, name: string): Promise<OpenedLog> {
  const partitions = Number(environment['HOLDFAST_PARTITIONS'] ?? DEFAULT_PARTITIONS);
  if (!Number.isInteger(partitions) || partitions < 1) throw wrong('HOLDFAST_PARTITIONS is no number of partitions.', 'Set it as the services have it.');
  const seed = readSeed(environment);
  const bus = await Bus.connect({ url: environment['NATS_URL'] ?? 'nats://127.0.0.1:4222', role: readRole(environment), name, ...(seed === undefined ? {} : { seed }) });
  const masterFile = environment['HOLDFAST_MASTER_KEY_FILE'];
  const keys = new DataKeys(new BusDataKeyStore(bus), masterFile === undefined ? undefined : MasterKeys.fromFile(masterFile));
  return { log: new JetStreamEventLog(bus, partitions, undefined, {}, keys), bus, close: () => bus.close() };
}

function readRole(environment: Environment): Role {
  const named = environment['HOLDFAST_NATS_ROLE'] ?? 'evals';
  const role = ROLES.find((each) => each === named);
  if (role === undefined) throw wrong(`"${named}" is no role.`, `Set HOLDFAST_NATS_ROLE to one of ${ROLES.join(', ')} that may read the log.`);
  return role;
}

function readSeed(environment: Environment): string | undefined {
  const file = environment['HOLDFAST_NATS_SEED_FILE'];
  return environment['HOLDFAST_NATS_SEED'] ?? (file === undefined ? undefined : readFileSync(file, 'utf8').trim());
}

function wrong(message: string, remedy: string): HoldfastError {
  return new HoldfastError({ code: 'settings.invalid', message, retryable: false, remedy });
}
