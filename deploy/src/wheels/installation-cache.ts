import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { LockTimeoutError, withLock } from '../../bootstrap/lock.mjs';
import { sha256Of } from './digest.js';

const MANIFEST = 'manifest.json';
const DIGESTS_AT_ONCE = 16;
const UNWRITABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EDQUOT', 'ENOENT', 'EEXIST']);

export interface Installation {
  /** Distinct for each release and platform; the folder's name in the cache. */
  readonly name: string;
  readonly cache: string;
  /** Puts the files into an empty folder and answers their paths below it. */
  readonly make: (folder: string) => Promise<readonly string[]>;
  /** Told when another process is installing the same and we wait for it. */
  readonly onWait?: () => void;
}

/** `HOLDFAST_CACHE`, or `.cache/holdfast` in the home folder. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const named = environment.HOLDFAST_CACHE?.trim();
  return named === undefined || named === '' ? join(homedir(), '.cache', 'holdfast') : named;
}

/** The installation's folder when it is complete and every file still has its recorded digest. */
export async function findInstalled({ cache, name }: Pick<Installation, 'cache' | 'name'>): Promise<string | undefined> {
  const folder = join(cache, name);
  const recorded = await readManifest(folder);
  if (recorded === undefined) return undefined;
  for (let start = 0; start < recorded.length; start += DIGESTS_AT_ONCE) {
    const intact = await Promise.all(recorded.slice(start, start + DIGESTS_AT_ONCE).map(async ([path, digest]) => (await sha256Of(join(folder, path)).catch(() => undefined)) === digest));
    if (intact.includes(false)) return undefined;
  }
  return folder;
}

/**
 * Answers the installation's folder, making it when it is missing or damaged. It is made under another name and renamed
 * when complete, by one process at a time; what an interrupted process left is removed by the next that installs.
 */
export async function ensureInstalled(installation: Installation): Promise<string> {
  const { cache, name } = installation;
  const found = await findInstalled(installation);
  if (found !== undefined) return found;
  try {
    await mkdir(cache, { recursive: true });
    return await withLock(join(cache, `${name}.lock`), async () => (await findInstalled(installation)) ?? make(installation), { onWait: () => installation.onWait?.() });
  } catch (error) {
    throw describe(error, cache);
  }
}

async function make({ cache, name, make: fill }: Installation): Promise<string> {
  const prefix = `${name}.partial-`;
  for (const entry of await readdir(cache)) if (entry.startsWith(prefix)) await rm(join(cache, entry), { recursive: true, force: true });
  const partial = join(cache, `${prefix}${randomBytes(6).toString('hex')}`);
  const removePartial = (): void => rmSync(partial, { recursive: true, force: true });
  process.once('exit', removePartial);
  try {
    await mkdir(partial);
    const files = await fill(partial);
    const digests = Object.fromEntries(await Promise.all(files.map(async (path) => [path, await sha256Of(join(partial, path))] as const)));
    await writeFile(join(partial, MANIFEST), JSON.stringify({ files: digests }));
    const final = join(cache, name);
    // A damaged installation is moved away first: a folder cannot replace one that is not empty.
    await rename(final, join(cache, `${prefix}damaged-${randomBytes(6).toString('hex')}`)).catch(() => undefined);
    await rename(partial, final);
    for (const entry of await readdir(cache)) if (entry.startsWith(prefix)) await rm(join(cache, entry), { recursive: true, force: true });
    return final;
  } finally {
    process.off('exit', removePartial);
    removePartial();
  }
}

async function readManifest(folder: string): Promise<readonly (readonly [string, string])[] | undefined> {
  try {
    const { files } = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as { readonly files: Readonly<Record<string, string>> };
    const entries = Object.entries(files);
    return entries.length === 0 ? undefined : entries;
  } catch {
    return undefined;
  }
}

function describe(error: unknown, cache: string): unknown {
  if (error instanceof LockTimeoutError) {
    return new HoldfastError({ code: 'cache.locked', message: error.message, retryable: true, remedy: 'If no other Holdfast is installing, delete that file.', cause: error });
  }
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && UNWRITABLE.has(code)) {
    return new HoldfastError({ code: 'cache.unwritable', message: `Nothing can be written to ${cache} (${code}).`, retryable: false, remedy: 'Make room or give permission, or name another folder with HOLDFAST_CACHE.', cause: error });
  }
  return error;
}
