import { execFile } from 'node:child_process';
import { HoldfastError } from '@holdfast/contracts';

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`;

/** Runs a program of the machine to its end and answers its output. Throws `chaos.command-failed` with what it said. */
export function run(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { env: { ...process.env, PATH }, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new HoldfastError({ code: 'chaos.command-failed', message: `${command} ${args.join(' ')}: ${stderr.trim() || error.message}`, retryable: false, remedy: 'Look at what the program says; it may need rights that this machine does not give.', cause: error }));
    });
    // A program that reads no input may have ended already; how it ended is told above.
    child.stdin?.on('error', () => undefined).end(input);
  });
}
