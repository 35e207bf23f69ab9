/**
 * Checks the log: `node libs/event-log/dist/verification/program.js [tenant/run]`.
 *
 * It reads as any service that reads the log; see {@link openLog} for its settings. It prints one JSON object, a `VerificationReport`, and ends with
 * code 0 when everything holds, 1 when something was found, and 2 when the log could not be checked.
 */
import { HoldfastError, runId, tenantId, type RunKey } from '@holdfast/contracts';
import { openLog } from '../open-log.js';
import { verifyLog, verifyRun } from './verify.js';

const EXIT_BROKEN = 1;
const EXIT_UNCHECKED = 2;

function readKey(text: string): RunKey {
  const [tenant, run] = text.split('/');
  if (!tenantId.safeParse(tenant).success || !runId.safeParse(run).success) throw new HoldfastError({ code: 'settings.invalid', message: `"${text}" names no run.`, retryable: false, remedy: 'Name it as tenant/run, or nothing to check the whole log.' });
  return { tenant: tenant ?? '', runId: run ?? '' };
}

async function main(): Promise<number> {
  const [named] = process.argv.slice(2);
  const key = named === undefined ? undefined : readKey(named);
  const { log, close } = await openLog(process.env, 'verify');
  try {
    const report = key === undefined ? await verifyLog(log) : await verifyRun(log, key);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return report.holds ? 0 : EXIT_BROKEN;
  } finally {
    await close();
  }
}

main().then((code) => { process.exitCode = code; }, (error: unknown) => {
  const shape = error instanceof HoldfastError ? error.toJSON() : { code: 'internal', message: String(error) };
  process.stderr.write(`${JSON.stringify(shape)}\n`);
  process.exitCode = EXIT_UNCHECKED;
});
