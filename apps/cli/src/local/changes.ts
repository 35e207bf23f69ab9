import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SKIPPED = new Set(['node_modules', 'dist', 'coverage']);
const WATCHED = /\.(ya?ml|json|md|txt|[mc]?[jt]s|cedar)$|(^|\/)\.env$/;
/** Agent files are JSON at times; other JSON is what tools work with, and they may well write it. */
const DATA = /\/.*\.json$/;
const LOOK_MS = 300;

/** What files are changed, added or gone from a project, by their paths in it, since the first look and then each time that two looks have found the same: whoever writes a file is half-way through at some moment. */
export async function* changesIn(folder: string, since: Snapshot, over: AbortSignal): AsyncGenerator<ReadonlySet<string>> {
  let seen = since;
  let before = seen;
  while (!over.aborted) {
    await sleep(LOOK_MS, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    const found = await look(folder);
    const changed = differences(seen, found);
    if (changed.size > 0 && differences(before, found).size === 0) {
      seen = found;
      yield changed;
    }
    before = found;
  }
}

/** Which files there are, and when each was written last. */
export type Snapshot = ReadonlyMap<string, string>;

export async function look(folder: string): Promise<Snapshot> {
  const found = new Map<string, string>();
  const walk = async (inner: string): Promise<void> => {
    for (const entry of await readdir(inner, { withFileTypes: true }).catch(() => [])) {
      const path = join(inner, entry.name);
      const name = relative(folder, path).split(sep).join('/');
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name) && !entry.name.startsWith('.')) await walk(path);
      } else if (WATCHED.test(name) && !DATA.test(name)) {
        const status = await stat(path).catch(() => undefined);
        if (status !== undefined) found.set(name, `${status.mtimeMs} ${status.size} ${status.ino}`);
      }
    }
  };
  await walk(folder);
  return found;
}

function differences(one: Snapshot, other: Snapshot): ReadonlySet<string> {
  return new Set([...one.keys(), ...other.keys()].filter((name) => one.get(name) !== other.get(name)));
}
