/**
 * Looks at an installation and changes nothing: `node deploy/dist/stack/doctor.js [--json]`.
 *
 * Settings are the installer's (NATS_URL, HOLDFAST_NATS_SEED or HOLDFAST_NATS_SEED_FILE of the account that owns the
 * streams, HOLDFAST_PARTITIONS, HOLDFAST_ADAPTERS, HOLDFAST_REPLICAS), and HOLDFAST_DURABILITY: power (the default) or
 * process. HOLDFAST_SEEDS names a folder with `nats-<role>.seed` files of roles whose permissions shall be tried. Exit code
 * 1 when something is wrong.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HoldfastError, ROLES, type Durability } from '@holdfast/contracts';
import { diagnose, unreachable, type Diagnosis } from '../installation/doctor/diagnose.js';
import { readInstallSettings } from './install-settings.js';

function durabilityOf(text: string): Durability {
  if (text === 'power' || text === 'process') return text;
  throw new HoldfastError({ code: 'settings.invalid', message: `HOLDFAST_DURABILITY is "${text}".`, retryable: false, remedy: 'Set it to power or process.' });
}

function seedsIn(folder: string | undefined): Record<string, string> {
  if (folder === undefined) return {};
  return Object.fromEntries(ROLES.map((role) => [role, join(folder, `nats-${role}.seed`)] as const).filter(([, file]) => existsSync(file)).map(([role, file]) => [role, readFileSync(file, 'utf8').trim()]));
}

function print(diagnosis: Diagnosis): void {
  const lines = [
    `durability: ${diagnosis.durability}`,
    ...diagnosis.servers.map(({ name, version, clockSkewMs }) => `server ${name}: nats-server ${version}, clock ${clockSkewMs} ms from this machine's`),
    ...diagnosis.problems.map(({ level, code, message, remedy }) => `${level} ${code}: ${message}\n  ${remedy}`),
    diagnosis.healthy ? 'Nothing is wrong.' : `${diagnosis.problems.filter(({ level }) => level === 'wrong').length} things are wrong.`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

const environment = process.env;
const diagnosis = await Promise.resolve()
  .then(() => diagnose({ ...readInstallSettings(environment), durability: durabilityOf(environment['HOLDFAST_DURABILITY'] ?? 'power'), seeds: seedsIn(environment['HOLDFAST_SEEDS']) }))
  .catch(unreachable);
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(diagnosis)}\n`);
else print(diagnosis);
process.exitCode = diagnosis.healthy ? 0 : 1;
