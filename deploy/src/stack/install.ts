import { HoldfastError } from '@holdfast/contracts';
import { install } from '../installation/install.js';
import { readInstallSettings } from './install-settings.js';

/** The installer as a job: `node deploy/dist/stack/install.js`. Creates what is missing and reports what differs. */
try {
  const { created } = await install(readInstallSettings(process.env));
  process.stdout.write(`${JSON.stringify({ created })}\n`);
} catch (error) {
  const shape = error instanceof HoldfastError ? error.toJSON() : { code: 'install.failed', message: String(error), retryable: true, remedy: 'Check the broker and try again.' };
  process.stderr.write(`${JSON.stringify(shape)}\n`);
  process.exitCode = 1;
}
