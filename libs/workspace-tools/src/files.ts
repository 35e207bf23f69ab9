import { hash, randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { ToolError } from '@holdfast/tool-sdk';
import { holdDirectory, missing, openFile, partsOf, type HeldDirectory } from './paths.js';

/** The largest file that is read or written, in bytes. */
export const MAXIMUM_FILE_BYTES = 2 * 1024 * 1024;

export const digestOfText = (text: string): string => hash('sha256', text);

/** A file as it was read. */
export interface TextFile {
  readonly text: string;
  /** The SHA-256 of its bytes. */
  readonly sha256: string;
  /** Its permission bits. */
  readonly mode: number;
}

/** Undefined when there is none. */
export async function readText(root: string, path: string): Promise<TextFile | undefined> {
  const parts = partsOf(path);
  const directory = await holdDirectory(root, parts.slice(0, -1)).catch((error: unknown) => {
    if (error instanceof ToolError && error.code === 'workspace.no-such-file') return undefined;
    throw error;
  });
  if (directory === undefined) return undefined;
  try {
    return await readIn(directory, parts.at(-1) ?? '');
  } finally {
    await directory.close();
  }
}

async function readIn(directory: HeldDirectory, name: string): Promise<TextFile | undefined> {
  const file = await openFile(directory, name);
  if (file === undefined) return undefined;
  try {
    const { size, mode } = await file.stat();
    if (size > MAXIMUM_FILE_BYTES) throw ToolError.refused({ code: 'workspace.file-too-large', message: `"${name}" has ${size} bytes; at most ${MAXIMUM_FILE_BYTES} are read.`, remedy: 'Search in it, or run a command that prints a part of it.' });
    const bytes = await file.readFile();
    const text = bytes.toString('utf8');
    if (!Buffer.from(text).equals(bytes)) throw ToolError.refused({ code: 'workspace.file-not-text', message: `"${name}" is no UTF-8 text.`, remedy: 'Only text is read and edited.' });
    return { text, sha256: hash('sha256', bytes), mode: mode & 0o777 };
  } finally {
    await file.close();
  }
}

/** What a change expects of the file, and what it makes of it. */
export interface Change {
  /** The SHA-256 of the content that the change is based on; `absent` when the file must not exist. */
  readonly base: string;
  /** Throws a refusal where the change cannot be applied to this content. */
  readonly apply: (text: string) => string;
  /** The SHA-256 of the content afterwards, where an earlier attempt of the same operation noted it. */
  readonly noted: string | undefined;
  /** Notes it durably, before the file is touched. */
  readonly note: (sha256: string) => Promise<void>;
}

/**
 * Changes a file once. The new content takes the place of the old in one step (a temporary file in the same directory, on disk
 * before it is renamed), and what it will be is noted before: so a repetition after a crash at any moment finds the file
 * either as it was, and changes it, or as it should be, and does nothing. Anything else is another's work, and refused.
 */
export async function changeFile(root: string, path: string, change: Change, owner: number | undefined): Promise<{ readonly sha256: string }> {
  const parts = partsOf(path);
  const name = parts.at(-1) ?? '';
  const directory = await holdDirectory(root, parts.slice(0, -1), change.base === 'absent' ? { owner } : undefined);
  try {
    const before = await readIn(directory, name);
    if (before !== undefined && before.sha256 === change.noted) return { sha256: before.sha256 };
    if ((before?.sha256 ?? 'absent') !== change.base) {
      if (before === undefined && change.base !== 'absent') throw missing(path);
      throw ToolError.refused({ code: 'workspace.base-changed', message: `"${path}" is not what the change is based on: its SHA-256 is ${before?.sha256 ?? 'none'}, not ${change.base}.`, remedy: 'Read the file again and base the change on what is there now.' });
    }
    const after = change.apply(before?.text ?? '');
    if (Buffer.byteLength(after) > MAXIMUM_FILE_BYTES) throw ToolError.refused({ code: 'workspace.file-too-large', message: `"${path}" would have more than ${MAXIMUM_FILE_BYTES} bytes.` });
    const sha256 = digestOfText(after);
    await change.note(sha256);
    await replace(directory, name, { text: after, mode: before?.mode, owner });
    return { sha256 };
  } finally {
    await directory.close();
  }
}

async function replace(directory: HeldDirectory, name: string, { text, mode, owner }: { readonly text: string; readonly mode: number | undefined; readonly owner: number | undefined }): Promise<void> {
  const temporary = directory.entry(`.${randomBytes(8).toString('hex')}.holdfast`);
  const file = await open(temporary, 'wx', 0o644);
  try {
    if (mode !== undefined) await file.chmod(mode);
    if (owner !== undefined) await file.chown(owner, owner);
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await rename(temporary, directory.entry(name));
    await directory.sync();
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}
