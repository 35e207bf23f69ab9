import { spawn } from 'node:child_process';

/**
 * Children die with us, also when we are killed with SIGKILL and can do nothing any more. One small shell waits at the
 * far end of a pipe that only we and starting children hold open. When it closes, everybody who could still start
 * something is gone, and the shell kills the process groups that were registered and not signed off. Works wherever
 * there is a POSIX shell, and leaves each child our direct child, so its identifier, exit code and signals are its own.
 */
const WATCH = `
trap '' HUP INT TERM
living=' '
while read -r change pid; do
  case $change in
    +) living="$living$pid ";;
    -) case $living in *" $pid "*) living="\${living%% $pid *} \${living#* $pid }";; esac;;
  esac
done
for pid in $living; do
  kill -s KILL -- "-$pid" 2>/dev/null || kill -s KILL "$pid" 2>/dev/null
done
`;

/**
 * Runs inside the child before the command takes its place: it registers itself, so there is no moment in which it runs
 * and nobody knows of it, and lets go of the pipe.
 */
const REGISTER_AND_BECOME = 'echo "+ $$" >&3; exec 3>&-; exec "$@"';

let watchdog;
const running = new Set();

function ensureWatchdog() {
  if (watchdog !== undefined) return watchdog;
  const started = spawn('/bin/sh', ['-c', WATCH], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' });
  watchdog = started;
  const replace = () => {
    if (watchdog !== started) return;
    watchdog = undefined;
    if (running.size > 0) ensureWatchdog();
  };
  started.on('error', replace);
  started.on('exit', replace);
  started.stdin.on('error', replace);
  for (const pid of running) started.stdin.write(`+ ${pid}\n`);
  started.unref();
  started.stdin.unref();
  return started;
}

/**
 * Starts a command as our direct child, in a process group of its own (a terminal's Ctrl-C reaches us only, and we
 * decide), and sees to it that it dies when we do. `options.stdio` has three entries; descriptor 3 is used while
 * starting. A command that does not exist ends with code 127.
 */
export function spawnGuarded(command, args, options = {}) {
  const stdio = options.stdio ?? ['ignore', 'inherit', 'inherit'];
  const guard = ensureWatchdog();
  const child = spawn('/bin/sh', ['-c', REGISTER_AND_BECOME, command, command, ...args], { ...options, detached: true, stdio: [...stdio, guard.stdin] });
  const { pid } = child;
  if (pid === undefined) return child;
  running.add(pid);
  child.once('exit', () => {
    running.delete(pid);
    // What the command started itself and left behind goes with it.
    killGroup(pid);
    watchdog?.stdin.write(`- ${pid}\n`);
  });
  return child;
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}
