import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';

/** What is in a file of secrets, or what is made and written there for the next time: the whole of it or nothing, for its owner alone. */
export async function keptFile(file: string, make: () => string): Promise<string> {
  const found = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found !== undefined) return found;
  const made = make();
  await replaceFile(file, made);
  return made;
}

/** Puts a file in place complete, for its owner alone. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flush: true });
  await rename(draft, file);
}
