import { readFileSync } from 'node:fs';
import { HoldfastError } from '@holdfast/contracts';
import { install } from '../installation/install.js';

/** The installer as a job: `node deploy/dist/stack/install.js`. Creates what is missing and reports what differs. */
const environment = process.env;
try {
  const url = environment['NATS_URL'];
  if (url === undefined || url === '') throw new HoldfastError({ code: 'settings.invalid', message: 'NATS_URL is required.', retryable: false, remedy: 'Set it to the broker\'s address.' });
  const file = environment['HOLDFAST_NATS_SEED_FILE'];
  const { created } = await install({
    url,
    seed: environment['HOLDFAST_NATS_SEED'] ?? (file === undefined ? undefined : readFileSync(file, 'utf8').trim()),
    partitions: Number(environment['HOLDFAST_PARTITIONS'] ?? 8),
    adapters: (environment['HOLDFAST_ADAPTERS'] ?? 'default').split(','),
    replicas: Number(environment['HOLDFAST_REPLICAS'] ?? 1),
  });
  process.stdout.write(`${JSON.stringify({ created })}\n`);
} catch (error) {
  const shape = error instanceof HoldfastError ? error.toJSON() : { code: 'install.failed', message: String(error), retryable: true, remedy: 'Check the broker and try again.' };
  process.stderr.write(`${JSON.stringify(shape)}\n`);
  process.exitCode = 1;
}
