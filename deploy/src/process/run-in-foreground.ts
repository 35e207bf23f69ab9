import { constants } from 'node:os';
import { spawnGuarded } from '../../bootstrap/watchdog.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a program on our own input and output to its end, and returns its exit code; 128 and the signal's number where it was killed. It is in a process
 * group of its own, so signals reach it through us, once; it dies with us. A command that does not exist has the code 127.
 */
export function runInForeground(command: string, args: readonly string[], options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawnGuarded(command, args, { ...options, stdio: ['inherit', 'inherit', 'inherit'] });
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of SIGNALS) process.on(signal, pass);
    const forget = (): void => SIGNALS.forEach((signal) => process.off(signal, pass));
    child.once('error', (error) => { forget(); reject(error); });
    child.once('exit', (code, signal) => { forget(); resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])); });
  });
}
