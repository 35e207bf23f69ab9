import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { chmod, lstat, mkdir, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf, isAlive, isReachable, parseIdentity } from '../../bootstrap/process-identity.mjs';

const OWNER_FILE = 'owner.json';
const NAME = /^holdfast-run-(\d+)-[0-9a-f]+$/;
/** How deep below a run's folder the files of its processes lie at most. */
const DEPTH = 4;

/** One run's temporary folder: logs, stores, sockets. Removed at the end, or by the next run when this one could not. */
export interface RunDirectory {
  readonly path: string;
  /** What earlier runs had left and this one removed. */
  readonly leftovers: readonly RemovedLeftover[];
  /** A folder of this run, created when missing. */
  folder(name: string): Promise<string>;
  remove(): Promise<void>;
}

export interface RemovedLeftover {
  readonly path: string;
  /** Processes of the dead run that still ran and were killed. */
  readonly killed: readonly number[];
}

/**
 * Creates this run's folder under `parent` (the system's temporary folder when left out), after removing those of runs
 * whose process is dead. A process of a dead run is killed only when its recorded start identity is that of the process
 * which now has its number.
 */
export async function createRunDirectory(parent: string = tmpdir()): Promise<RunDirectory> {
  const base = await realpath(parent);
  const leftovers = await removeLeftovers(base);
  const path = join(base, `holdfast-run-${process.pid}-${randomBytes(6).toString('hex')}`);
  await mkdir(path, { mode: 0o700 });
  // Postgres runs as another user when we are root and must be able to pass through, but not to look around.
  if (process.getuid?.() === 0) await chmod(path, 0o711);
  await writeFile(join(path, OWNER_FILE), JSON.stringify(identityOf(process.pid)), { mode: 0o600 });
  return {
    path,
    leftovers,
    async folder(name) {
      const folder = join(path, name);
      await mkdir(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
      return folder;
    },
    remove: () => removeTree(path),
  };
}

async function removeLeftovers(base: string): Promise<readonly RemovedLeftover[]> {
  const removed: RemovedLeftover[] = [];
  for (const entry of await readdir(base)) {
    const pid = Number(NAME.exec(entry)?.[1] ?? Number.NaN);
    const path = join(base, entry);
    if (!Number.isInteger(pid) || !(await isOurs(path)) || (await ownerIsAlive(path, pid))) continue;
    const killed = await killRecorded(path);
    await removeTree(path);
    removed.push({ path, killed });
  }
  return removed;
}

/** Another user could have planted a folder of this name in a shared temporary folder: what it says is not believed. */
async function isOurs(path: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  return status !== undefined && status.isDirectory() && status.uid === process.getuid?.();
}

async function ownerIsAlive(path: string, pid: number): Promise<boolean> {
  const owner = parseIdentity(await readFile(join(path, OWNER_FILE), 'utf8').catch(() => ''));
  // A run that is just being created has no owner file yet, but its process runs.
  return owner === undefined ? identityOf(pid) !== undefined : isAlive(owner);
}

/** Kills what runs by the records that lie in a run's folder. */
export async function killRecorded(path: string): Promise<readonly number[]> {
  const killed: number[] = [];
  for (const file of await filesOf(path, DEPTH)) {
    if (!file.endsWith('.pid.json')) continue;
    const identity = parseIdentity(await readFile(file, 'utf8').catch(() => ''));
    if (identity === undefined || !isReachable(identity)) continue;
    try {
      process.kill(identity.pid, 'SIGKILL');
      killed.push(identity.pid);
    } catch {
      // It ended by itself just now.
    }
  }
  return killed;
}

async function filesOf(folder: string, depth: number): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const nested = await Promise.all(entries.map(async (entry) => {
    const path = join(folder, entry.name);
    // A folder that another user owns (a database's cluster) cannot hold a record of ours.
    if (entry.isDirectory()) return depth > 0 && (await isOurs(path)) ? filesOf(path, depth - 1) : [];
    return entry.isFile() ? [path] : [];
  }));
  return nested.flat();
}

/** Processes that were killed a moment ago may still write; then the folder is not empty when its turn comes. */
async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
