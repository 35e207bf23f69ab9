import { constants } from 'node:fs';
import { lchown, mkdir, open, readlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '@holdfast/tool-sdk';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const LONGEST_PATH = 1_024;

/** Splits a path of a call into its parts. Throws a refusal for everything that is no plain relative path inside the tree. */
export function partsOf(path: string): readonly [string, ...string[]] {
  const refuse = (why: string): never => { throw ToolError.refused({ code: 'workspace.path-refused', message: `The path ${JSON.stringify(path.slice(0, 200))} ${why}.`, remedy: 'Name a file below the root of the work tree, such as "src/main.ts".' }); };
  if (path === '' || path.length > LONGEST_PATH) refuse(`must have 1 to ${LONGEST_PATH} characters`);
  if (path.includes('\0') || path.includes('\\')) refuse('has a character that no path of a work tree has');
  if (path.startsWith('/')) refuse('is absolute');
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) refuse('has an empty part, "." or ".."');
  // Some file systems take other spellings for the same name, and git's own files decide what git runs.
  if (parts.some((part) => /^\.git$/i.test(part.normalize('NFKC').replace(/[\u200b-\u200f\u2060\ufeff]/g, '')))) refuse('leads to git\'s own files');
  return parts as unknown as readonly [string, ...string[]];
}

/** A directory that stays the one that was checked, whatever is done to the names that led to it. */
export interface HeldDirectory {
  /** A path to an entry that starts at the directory itself. */
  entry(name: string): string;
  /** Makes what was renamed in it durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the directory that holds a path, following no link. Each part is opened from the directory before it, through
 * /proc/self/fd, so that no rename and no new link between check and use can lead outside; in the end the kernel is asked
 * where the directory is. `create` makes directories that are missing, for that owner where one is named. Linux only.
 */
export async function holdDirectory(root: string, parts: readonly string[], create?: { readonly owner: number | undefined }): Promise<HeldDirectory> {
  let handle = await open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  const isAt = (expected: string): Promise<boolean> => readlink(`/proc/self/fd/${handle.fd}`).then((place) => place === expected);
  try {
    for (const part of parts) {
      const next = await openPart(handle, part, create);
      await handle.close();
      handle = next;
    }
    if (!(await isAt(join(root, ...parts)))) throw refusedLink(parts.join('/'));
  } catch (error) {
    await handle.close();
    throw error;
  }
  const held = handle;
  return { entry: (name) => `/proc/self/fd/${held.fd}/${name}`, sync: () => held.sync(), close: () => held.close() };
}

async function openPart(directory: FileHandle, part: string, create: { readonly owner: number | undefined } | undefined): Promise<FileHandle> {
  const path = `/proc/self/fd/${directory.fd}/${part}`;
  try {
    return await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && create !== undefined) {
      await mkdir(path).catch((cause: NodeJS.ErrnoException) => { if (cause.code !== 'EEXIST') throw cause; });
      if (create.owner !== undefined) await lchown(path, create.owner, create.owner);
      return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    }
    if (code === 'ENOENT') throw missing(part);
    if (code === 'ELOOP' || code === 'ENOTDIR') throw refusedLink(part);
    throw error;
  }
}

/** Opens a plain file for reading: no link, no device, no pipe that would wait for a writer. Undefined when there is none. */
export async function openFile(directory: HeldDirectory, name: string): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(directory.entry(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP' || code === 'ENXIO') throw refusedLink(name);
    throw error;
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw ToolError.refused({ code: 'workspace.path-refused', message: `"${name}" is no plain file.`, remedy: 'Name a file.' });
}

export function missing(path: string): ToolError {
  return ToolError.refused({ code: 'workspace.no-such-file', message: `There is no "${path}" in the work tree.`, remedy: 'List the files first.' });
}

function refusedLink(path: string): ToolError {
  return ToolError.refused({ code: 'workspace.path-refused', message: `"${path}" is a link, or no directory; links are not followed.`, remedy: 'Name the file itself.' });
}
