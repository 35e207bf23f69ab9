/**
 * Checks the log: `node libs/event-log/dist/verification/program.js [tenant/run]`.
 *
 * It reads as any service that reads the log: NATS_URL, HOLDFAST_PARTITIONS, HOLDFAST_NATS_ROLE (evals unless set) and that
 * role's HOLDFAST_NATS_SEED or HOLDFAST_NATS_SEED_FILE. It prints one JSON object, a `VerificationReport`, and ends with
 * code 0 when everything holds, 1 when something was found, and 2 when the log could not be checked.
 */
import { readFileSync } from 'node:fs';
import { Bus } from '@holdfast/bus';
import { DEFAULT_PARTITIONS, HoldfastError, ROLES, runId, tenantId, type Role, type RunKey } from '@holdfast/contracts';
import { JetStreamEventLog } from '../jetstream.js';
import { verifyLog, verifyRun } from './verify.js';

const EXIT_BROKEN = 1;
const EXIT_UNCHECKED = 2;

function wrong(message: string, remedy: string): HoldfastError {
  return new HoldfastError({ code: 'settings.invalid', message, retryable: false, remedy });
}

function readRole(): Role {
  const named = process.env['HOLDFAST_NATS_ROLE'] ?? 'evals';
  const role = ROLES.find((each) => each === named);
  if (role === undefined) throw wrong(`"${named}" is no role.`, `Set HOLDFAST_NATS_ROLE to one of ${ROLES.join(', ')} that may read the log.`);
  return role;
}

function readSeed(): string | undefined {
  const file = process.env['HOLDFAST_NATS_SEED_FILE'];
  return process.env['HOLDFAST_NATS_SEED'] ?? (file === undefined ? undefined : readFileSync(file, 'utf8').trim());
}

function readKey(text: string): RunKey {
  const [tenant, run] = text.split('/');
  if (!tenantId.safeParse(tenant).success || !runId.safeParse(run).success) throw wrong(`"${text}" names no run.`, 'Name it as tenant/run, or nothing to check the whole log.');
  return { tenant: tenant ?? '', runId: run ?? '' };
}

async function main(): Promise<number> {
  const partitions = Number(process.env['HOLDFAST_PARTITIONS'] ?? DEFAULT_PARTITIONS);
  if (!Number.isInteger(partitions) || partitions < 1) throw wrong('HOLDFAST_PARTITIONS is no number of partitions.', 'Set it as the services have it.');
  const [named] = process.argv.slice(2);
  const key = named === undefined ? undefined : readKey(named);
  const seed = readSeed();
  const bus = await Bus.connect({ url: process.env['NATS_URL'] ?? 'nats://127.0.0.1:4222', role: readRole(), name: 'verify', ...(seed === undefined ? {} : { seed }) });
  try {
    const log = new JetStreamEventLog(bus, partitions);
    const report = key === undefined ? await verifyLog(log) : await verifyRun(log, key);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return report.holds ? 0 : EXIT_BROKEN;
  } finally {
    await bus.close();
  }
}

main().then((code) => { process.exitCode = code; }, (error: unknown) => {
  const shape = error instanceof HoldfastError ? error.toJSON() : { code: 'internal', message: String(error) };
  process.stderr.write(`${JSON.stringify(shape)}\n`);
  process.exitCode = EXIT_UNCHECKED;
});
