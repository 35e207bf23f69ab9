import { spawnGuarded } from '../../bootstrap/watchdog.mjs';

export interface CommandResult {
  readonly code: number | null;
  /** Standard output and error together, in the order of arrival. */
  readonly output: string;
}

/** Runs a command to its end; it dies with us. A command that does not exist has the code 127. */
export function runCommand(command: string, args: readonly string[], options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string; readonly user?: { readonly uid: number; readonly gid: number }; readonly seconds: number }): Promise<CommandResult> {
  const { seconds, user, ...place } = options;
  return new Promise((resolve, reject) => {
    const child = spawnGuarded(command, args, { ...place, ...user, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    const late = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(late);
      resolve({ code, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

/** The last lines of a command's output, for a message. */
export function lastLines(output: string, count = 3): string {
  return output.trim().split('\n').slice(-count).join('\n');
}
