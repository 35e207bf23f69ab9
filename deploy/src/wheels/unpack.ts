import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HoldfastError } from '@holdfast/contracts';
import { openPromise } from 'yauzl';

/** Where a file of the wheel goes below the installation, or undefined to leave it out. */
export type Placement = (nameInWheel: string) => string | undefined;

/** In a zip archive made on Unix the upper half of the external attributes is the file's mode. */
const MODE_SHIFT = 16;
const FILE_TYPE_MASK = 0o170000;
const SYMBOLIC_LINK = 0o120000;
const EXECUTABLE = 0o111;

/** Unpacks the chosen files. Only plain files are made: names that lead out of the folder and links are refused. */
export async function unpack(wheel: string, folder: string, place: Placement): Promise<readonly string[]> {
  const archive = await openPromise(wheel, { autoClose: false });
  const written: string[] = [];
  try {
    for await (const entry of archive.eachEntry()) {
      const target = entry.fileName.endsWith('/') ? undefined : place(entry.fileName);
      if (target === undefined) continue;
      const mode = entry.externalFileAttributes >>> MODE_SHIFT;
      if ((mode & FILE_TYPE_MASK) === SYMBOLIC_LINK || target.split('/').includes('..')) {
        throw new HoldfastError({ code: 'wheel.unsafe_entry', message: `The wheel contains ${entry.fileName}, which could lead out of its folder.`, retryable: false, remedy: 'Do not use this wheel; report it.' });
      }
      const path = join(folder, target);
      await mkdir(dirname(path), { recursive: true });
      await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(path, { mode: (mode & EXECUTABLE) === 0 ? 0o644 : 0o755 }));
      written.push(target);
    }
  } finally {
    archive.close();
  }
  return written;
}
