import { Bus } from '@holdfast/bus';
import { HoldfastError } from '@holdfast/contracts';
import { BusDataKeyStore, DataKeys, MasterKeys } from '@holdfast/data-keys';
import { commonSettings, readSecret, readSettings } from '@holdfast/service';

/**
 * The administrator's program: `node apps/orchestrator/dist/erasures/rewrap.js`, with the environment of an orchestrator.
 * Brings all data keys under the first key of the master key file, so that the others may leave it, and prints one line of JSON.
 */
try {
  const settings = readSettings(commonSettings, process.env);
  if (settings.HOLDFAST_MASTER_KEY_FILE === undefined) throw new HoldfastError({ code: 'settings.invalid', message: 'HOLDFAST_MASTER_KEY_FILE is not set.', retryable: false, remedy: 'Set it to the file that all services share, with the new key before the old one.' });
  const masters = MasterKeys.fromFile(settings.HOLDFAST_MASTER_KEY_FILE);
  const bus = await Bus.connect({ url: settings.NATS_URL, role: 'orchestrator', name: 'rewrap-data-keys', seed: readSecret(settings.HOLDFAST_NATS_SEED, settings.HOLDFAST_NATS_SEED_FILE, 'HOLDFAST_NATS_SEED') });
  const keys = new DataKeys(new BusDataKeyStore(bus), masters);
  process.stdout.write(`${JSON.stringify({ rewrapped: await keys.rewrap(), master: masters.present })}\n`);
  keys.close();
  await bus.close();
} catch (error) {
  const shape = error instanceof HoldfastError ? error.toJSON() : { code: 'data-keys.rewrap-failed', message: String(error), retryable: true, remedy: 'Check the broker and run it again.' };
  process.stderr.write(`${JSON.stringify(shape)}\n`);
  process.exitCode = 1;
}
