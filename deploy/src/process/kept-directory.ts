import { chmod, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { LockTimeoutError, withLock } from '../../bootstrap/lock.mjs';
import { killRecorded, type RunDirectory } from './run-directory.js';

/**
 * Runs the action with a folder that outlasts us and is used again by the next start, while nobody else has it. What a start before this one left
 * running is killed first. Rejects with `stack.runs-already` when another process has it.
 */
export async function withKeptDirectory<T>(folder: string, action: (directory: RunDirectory) => Promise<T>): Promise<T> {
  const path = resolve(folder);
  const isRoot = process.getuid?.() === 0;
  // Postgres runs as another user when we are root and must be able to pass through, but not to look around.
  const mode = isRoot ? 0o711 : 0o700;
  await mkdir(path, { recursive: true, mode });
  await chmod(path, mode);
  try {
    return await withLock(join(path, 'running.lock'), async () => {
      const killed = await killRecorded(path);
      return action({
        path,
        leftovers: killed.length === 0 ? [] : [{ path, killed }],
        async folder(name) {
          const inner = join(path, name);
          await mkdir(inner, { recursive: true, mode });
          return inner;
        },
        remove: () => Promise.resolve(),
      });
    }, { timeoutSeconds: 0 });
  } catch (error) {
    if (!(error instanceof LockTimeoutError)) throw error;
    throw new HoldfastError({ code: 'stack.runs-already', message: `An installation runs already on the data in "${path}": ${error.message}`, retryable: false, remedy: 'Use the one that runs, or stop it first; another one needs a folder of its own.', cause: error });
  }
}
