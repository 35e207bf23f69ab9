import { dirname, delimiter, join } from 'node:path';
import { Interrupted, Problem, exitCodeOf } from './problem.mjs';
import { ROOT } from './root.mjs';
import { spawnGuarded } from './watchdog.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const GRACE_MILLISECONDS = 5000;

let child;
let childIsStep = false;
let received;

/**
 * Children are in process groups of their own, so each signal reaches them once, through us. A step (npm, the build) is
 * ended for good; the target decides itself what a signal means. With no child there is nothing to wait for.
 */
export function listenForSignals() {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      received = signal;
      if (child === undefined) process.exit(exitCodeOf(signal));
      const told = child;
      told.kill(childIsStep ? 'SIGTERM' : signal);
      if (childIsStep) setTimeout(() => told.kill('SIGKILL'), GRACE_MILLISECONDS).unref();
    });
  }
}

export function announce(line) {
  process.stderr.write(`${line}\n`);
}

/** Runs npm or the build and collects its output, to be shown only on failure. Throws when a signal came meanwhile. */
export async function runStep(command, args, env = process.env) {
  const { code, output } = await run(command, args, { env, step: true });
  if (received !== undefined) throw new Interrupted(received);
  if (code === 127) throw new Problem(`${command} was not found.`, 'Install Node together with npm and start again.');
  return { ok: code === 0, output };
}

/** Runs the target in the foreground and answers the exit code that is to be ours. */
export async function runTarget(node, args) {
  const { code, signal } = await run(node, args, { env: environmentWith(node), step: false });
  return signal === null ? code : exitCodeOf(signal);
}

/** Our environment with this Node, and the dependencies' programs, first on the search path. */
export function environmentWith(node) {
  return { ...process.env, PATH: [join(ROOT, 'node_modules', '.bin'), dirname(node), process.env.PATH ?? ''].join(delimiter) };
}

function run(command, args, { env, step }) {
  return new Promise((resolve, reject) => {
    if (received !== undefined) {
      reject(new Interrupted(received));
      return;
    }
    const started = spawnGuarded(command, args, { cwd: ROOT, env, stdio: step ? ['ignore', 'pipe', 'pipe'] : ['inherit', 'inherit', 'inherit'] });
    child = started;
    childIsStep = step;
    const chunks = [];
    started.stdout?.on('data', (chunk) => chunks.push(chunk));
    started.stderr?.on('data', (chunk) => chunks.push(chunk));
    started.once('error', reject);
    started.once('close', (code, signal) => {
      child = undefined;
      resolve({ code, signal, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}
