import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HoldfastError } from '@holdfast/contracts';
import { linkPackages } from './packages.js';

const TEMPLATE = fileURLToPath(new URL('../../project-template/', import.meta.url));

/** Copies the project that runs into a folder that is new or empty. Throws `init.folder-used`, and has written nothing then. */
export async function createProject(given: string): Promise<{ readonly folder: string; readonly files: readonly string[] }> {
  const folder = resolve(given);
  const present = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new HoldfastError({ code: 'init.folder-used', message: `"${folder}" cannot become a project: ${error.message}.`, retryable: false, remedy: 'Name a folder that is new or empty.', cause: error });
  });
  if (present.length > 0) throw new HoldfastError({ code: 'init.folder-used', message: `"${folder}" has something in it: ${present.slice(0, 5).join(', ')}.`, retryable: false, remedy: 'Name a folder that is new or empty; nothing was written.' });
  await mkdir(folder, { recursive: true });
  for (const entry of await readdir(TEMPLATE)) await cp(join(TEMPLATE, entry), join(folder, entry), { recursive: true, errorOnExist: true, force: false });
  // npm leaves out files of this name when it packs.
  await rename(join(folder, 'gitignore'), join(folder, '.gitignore'));
  const manifest = join(folder, 'package.json');
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"my-agents"', JSON.stringify(nameOf(folder))));
  await rm(join(folder, 'shop', 'refunds'), { recursive: true, force: true });
  await linkPackages(folder);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules')).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return { folder, files: files.sort() };
}

/** npm takes lower-case letters, digits and hyphens. */
function nameOf(folder: string): string {
  const name = basename(folder).toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^-+|-+$/g, '');
  return name === '' ? 'my-agents' : name;
}
