import { spawn } from 'node:child_process';
import { ToolError } from '@holdfast/tool-sdk';

/** Locks are held for milliseconds, so a longer wait means that a holder hangs. In seconds. */
const PATIENCE_SECONDS = 30;

/**
 * Does something while nobody else on the volume holds the lock of this file. The lock is the kernel's (`flock`), held by a
 * child that ends with us, so that it is free again whoever dies. Throws `workspace.not-locked` (not done, may be tried again).
 */
export async function underLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  // A group of its own: a signal to ours must not take the lock away while the work goes on.
  const holder = spawn('flock', ['--wait', String(PATIENCE_SECONDS), file, 'sh', '-c', 'echo held; cat > /dev/null'], { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: { PATH: '/usr/bin:/bin' } });
  const ended = new Promise<void>((resolve) => holder.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    holder.stderr.on('data', (chunk: Buffer) => (said += String(chunk)));
    const fail = (reason: string): void => reject(ToolError.notDone({ code: 'workspace.not-locked', message: `"${file}" cannot be locked: ${reason}`, remedy: 'Install util-linux, and keep the folder of the work trees on a volume that has locks.' }));
    holder.once('error', (error) => fail(error.message));
    holder.once('close', (code) => fail(said.trim() || `flock ended with ${code}`));
    holder.stdout.once('data', () => resolve());
  });
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
