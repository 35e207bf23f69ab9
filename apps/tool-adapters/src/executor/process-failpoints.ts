import { openSync, closeSync } from 'node:fs';
import { HoldfastError } from '@holdfast/contracts';
import { FAILPOINTS, noFailpoints, type Failpoint, type Failpoints } from '@holdfast/tool-sdk';

/** How the process is ended; specifications watch instead. */
export type Kill = () => void;

const killSelf: Kill = () => process.kill(process.pid, 'SIGKILL');

/**
 * Reads HOLDFAST_FAILPOINT, one or several points with commas between: the process kills itself by SIGKILL when a call first reaches
 * one of them. With HOLDFAST_FAILPOINT_FILE it creates the file of that name and `.<point>` first and does nothing where it exists
 * already, so that a process that is started again with the same environment lives; whoever removes the file asks for another death.
 * Neither set, as in production: nothing happens.
 *
 * Throws `settings.invalid` for the name of no failpoint.
 */
export function processFailpoints(environment: Readonly<Record<string, string | undefined>>, kill: Kill = killSelf): Failpoints {
  const wanted = environment['HOLDFAST_FAILPOINT'];
  if (wanted === undefined || wanted === '') return noFailpoints;
  const due = new Set(wanted.split(',').map(failpointOf));
  const file = environment['HOLDFAST_FAILPOINT_FILE'];
  return {
    hit: (name: Failpoint) => {
      if (!due.has(name) || !isFirst(file === undefined || file === '' ? undefined : `${file}.${name}`)) return;
      due.delete(name);
      kill();
    },
  };
}

function failpointOf(wanted: string): Failpoint {
  const found = FAILPOINTS.find((name) => name === wanted);
  if (found === undefined) {
    throw new HoldfastError({ code: 'settings.invalid', message: `HOLDFAST_FAILPOINT has "${wanted}", which is no failpoint.`, retryable: false, remedy: `Set it to one or several of ${FAILPOINTS.join(', ')} with commas between, or not at all.` });
  }
  return found;
}

function isFirst(file: string | undefined): boolean {
  if (file === undefined) return true;
  try {
    closeSync(openSync(file, 'wx'));
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false;
    throw error;
  }
}
