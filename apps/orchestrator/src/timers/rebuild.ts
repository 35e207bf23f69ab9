import { Bus } from '@holdfast/bus';
import { HoldfastError } from '@holdfast/contracts';
import { JetStreamEventLog } from '@holdfast/event-log';
import { commonSettings, readSecret, readSettings } from '@holdfast/service';
import { rebuildTimers } from './rebuild-timers.js';
import { armTimer } from './timers.js';

/**
 * The administrator's program: `node apps/orchestrator/dist/timers/rebuild.js`, with the environment of an orchestrator.
 * Arms the timers of all open runs again after a stream of timers was lost, and prints one line of JSON.
 */
try {
  const settings = readSettings(commonSettings, process.env);
  const partitions = settings.HOLDFAST_PARTITIONS;
  const bus = await Bus.connect({ url: settings.NATS_URL, role: 'orchestrator', name: 'rebuild-timers', seed: readSecret(settings.HOLDFAST_NATS_SEED, settings.HOLDFAST_NATS_SEED_FILE, 'HOLDFAST_NATS_SEED') });
  const unreadable: string[] = [];
  const log = new JetStreamEventLog(bus, partitions, (error) => unreadable.push(String(error)));
  const rebuilt = await rebuildTimers(log, (key, timerId, dueAt) => armTimer(bus, partitions, key, timerId, dueAt));
  process.stdout.write(`${JSON.stringify({ ...rebuilt, unreadable })}\n`);
  await bus.close();
} catch (error) {
  const shape = error instanceof HoldfastError ? error.toJSON() : { code: 'timers.rebuild-failed', message: String(error), retryable: true, remedy: 'Check the broker and run it again.' };
  process.stderr.write(`${JSON.stringify(shape)}\n`);
  process.exitCode = 1;
}
