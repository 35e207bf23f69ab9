import { openSync, closeSync } from 'node:fs';
import { HoldfastError } from '@holdfast/contracts';
import { FAILPOINTS, noFailpoints, type Failpoint, type Failpoints } from '@holdfast/tool-sdk';

/** How the process is ended; specifications watch instead. */
export type Kill = () => void;

const killSelf: Kill = () => process.kill(process.pid, 'SIGKILL');

/**
 * Reads HOLDFAST_FAILPOINT: the process kills itself by SIGKILL when a call first reaches that point. With
 * HOLDFAST_FAILPOINT_FILE it creates that file first and does nothing where the file exists already, so that a process
 * that is started again with the same environment lives. Neither set, as in production: nothing happens.
 *
 * Throws `settings.invalid` for the name of no failpoint.
 */
export function processFailpoints(environment: Readonly<Record<string, string | undefined>>, kill: Kill = killSelf): Failpoints {
  const wanted = environment['HOLDFAST_FAILPOINT'];
  if (wanted === undefined || wanted === '') return noFailpoints;
  if (!FAILPOINTS.some((name) => name === wanted)) {
    throw new HoldfastError({ code: 'settings.invalid', message: `HOLDFAST_FAILPOINT is "${wanted}", which is no failpoint.`, retryable: false, remedy: `Set it to one of ${FAILPOINTS.join(', ')}, or not at all.` });
  }
  let due = true;
  return {
    hit: (name: Failpoint) => {
      if (!due || name !== wanted) return;
      due = false;
      if (isFirst(environment['HOLDFAST_FAILPOINT_FILE'])) kill();
    },
  };
}

function isFirst(file: string | undefined): boolean {
  if (file === undefined || file === '') return true;
  try {
    closeSync(openSync(file, 'wx'));
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false;
    throw error;
  }
}
