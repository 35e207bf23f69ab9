import { readFileSync } from 'node:fs';
import { DEFAULT_PARTITIONS, HoldfastError } from '@holdfast/contracts';
import type { InstallSettings } from '../installation/install.js';

/** The settings of the programs that look after an installation. Throws `settings.invalid`. */
export function readInstallSettings(environment: NodeJS.ProcessEnv): InstallSettings {
  const url = environment['NATS_URL'];
  if (url === undefined || url === '') throw new HoldfastError({ code: 'settings.invalid', message: 'NATS_URL is required.', retryable: false, remedy: 'Set it to the broker\'s address.' });
  const file = environment['HOLDFAST_NATS_SEED_FILE'];
  return {
    url,
    seed: environment['HOLDFAST_NATS_SEED'] ?? (file === undefined ? undefined : readFileSync(file, 'utf8').trim()),
    partitions: Number(environment['HOLDFAST_PARTITIONS'] ?? DEFAULT_PARTITIONS),
    adapters: (environment['HOLDFAST_ADAPTERS'] ?? 'default').split(','),
    replicas: Number(environment['HOLDFAST_REPLICAS'] ?? 1),
  };
}
