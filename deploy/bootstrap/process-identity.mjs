import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/** Where this process' identifiers mean something: the machine since its last boot, and the process namespace. */
const scope = process.platform === 'linux' ? linuxScope() : { boot: 'any', namespace: 'any' };

function linuxScope() {
  try {
    return {
      boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      namespace: readlinkSync('/proc/self/ns/pid'),
    };
  } catch {
    return { boot: 'unknown', namespace: 'unknown' };
  }
}

/** When the process with this identifier began, in the system's own unit, or undefined when there is none (or a zombie). */
function startTimeOf(pid) {
  if (process.platform === 'linux') {
    try {
      // The command's name may hold spaces and brackets; the fields after its last bracket are fixed (proc(5)).
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  const listed = spawnSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  const [, state, started] = /^\s*(\S+)\s+(.+?)\s*$/.exec(listed.stdout ?? '') ?? [];
  return state === undefined || state.startsWith('Z') ? undefined : started;
}

/** What tells this process from every other that had or will have its identifier; undefined when it does not run. */
export function identityOf(pid) {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime, ...scope };
}

/**
 * Whether the recorded process still runs. A process of another namespace (a container that shares the folder) cannot
 * be seen from here and counts as running; one from before the last boot does not run.
 */
export function isAlive(identity) {
  if (identity.boot !== scope.boot) return false;
  if (identity.namespace !== scope.namespace) return true;
  return startTimeOf(identity.pid) === identity.startTime;
}

/** Whether the recorded process runs and is visible from here, so that a signal sent to its identifier reaches it. */
export function isReachable(identity) {
  return identity.boot === scope.boot && identity.namespace === scope.namespace && startTimeOf(identity.pid) === identity.startTime;
}

/** Reads an identity from JSON; undefined when the text is not one. */
export function parseIdentity(text) {
  try {
    const value = JSON.parse(text);
    const complete = Number.isInteger(value?.pid) && value.pid > 1 && ['startTime', 'boot', 'namespace'].every((key) => typeof value[key] === 'string');
    return complete ? value : undefined;
  } catch {
    return undefined;
  }
}
