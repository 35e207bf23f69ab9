/**
 * Removes payloads that no commit refers to: `node deploy/dist/stack/collect-payloads.js [hours]`, with the installer's
 * settings. Payloads younger than 24 hours, or the given number, are left alone. Prints what it removed as JSON.
 */
import { HoldfastError } from '@holdfast/contracts';
import { removeOrphans } from '../installation/orphans.js';
import { readInstallSettings } from './install-settings.js';

const HOUR_MS = 3_600_000;

try {
  const hours = Number(process.argv[2] ?? 24);
  if (!Number.isFinite(hours)) throw new HoldfastError({ code: 'settings.invalid', message: `"${process.argv[2]}" is no number of hours.`, retryable: false, remedy: 'Give the age in hours, or nothing.' });
  const result = await removeOrphans({ ...readInstallSettings(process.env), olderThanMs: hours * HOUR_MS, now: Date.now() });
  process.stdout.write(`${JSON.stringify(result)}\n`);
} catch (error) {
  const shape = error instanceof HoldfastError ? error.toJSON() : { code: 'orphans.failed', message: String(error), retryable: true, remedy: 'Check the broker and try again.' };
  process.stderr.write(`${JSON.stringify(shape)}\n`);
  process.exitCode = 1;
}
