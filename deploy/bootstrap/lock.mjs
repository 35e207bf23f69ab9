import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { identityOf, isAlive, parseIdentity } from './process-identity.mjs';

const POLL_MILLISECONDS = 100;

/** The lock did not come free in the time that was given. */
export class LockTimeoutError extends Error {
  constructor(path, holder) {
    super(`${path} is held${holder === undefined ? '' : ` by process ${holder.pid}`} and did not come free.`);
    this.name = 'LockTimeoutError';
  }
}

/**
 * Runs the action while no other process runs one under the same path. The lock is a file that names its holder; it is
 * made complete elsewhere and linked into place, so it is never seen half-written. A lock whose holder is dead is taken
 * over. `onWait` is called once, when there is somebody to wait for.
 */
export async function withLock(path, action, { timeoutSeconds = 900, onWait = () => {} } = {}) {
  await mkdir(dirname(path), { recursive: true });
  const claim = `${path}.${process.pid}-${randomBytes(6).toString('hex')}`;
  const mine = [claim];
  const release = () => mine.forEach((file) => rmSync(file, { force: true }));
  process.once('exit', release);
  try {
    await writeFile(claim, JSON.stringify(identityOf(process.pid)), { mode: 0o600 });
    await acquire(path, claim, Date.now() + timeoutSeconds * 1000, onWait);
    mine.push(path);
    rmSync(claim);
    return await action();
  } finally {
    process.off('exit', release);
    release();
  }
}

async function acquire(path, claim, deadline, onWait) {
  let waited = false;
  for (;;) {
    try {
      await link(claim, path);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const holder = parseIdentity(text);
    if (holder === undefined || !isAlive(holder)) {
      await removeStale(path, text, claim);
      continue;
    }
    if (Date.now() > deadline) throw new LockTimeoutError(path, holder);
    if (!waited) onWait(holder);
    waited = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/** Moves the dead holder's lock away. When another process was quicker and we moved its new lock, it is put back. */
async function removeStale(path, seen, claim) {
  const aside = `${claim}.stale`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8')) !== seen) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}
