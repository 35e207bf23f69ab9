import { existsSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { GatewaySettings } from '../gateway.js';

/** Where `holdfast up` keeps an installation's data, in the project's folder. */
export const DATA_FOLDER = '.holdfast';
const FILE = 'connection.json';

const connection = z.looseObject({ url: z.url(), keyFile: z.string() });

/** Writes down where the installation of this folder is, for commands that are started beside it. */
export async function writeConnection(data: string, url: string, keyFile: string): Promise<void> {
  await writeFile(join(data, FILE), `${JSON.stringify({ url, keyFile })}\n`, { mode: 0o600 });
}

/** The installation of this folder, or of the nearest one above that has one; only what is our own is believed. */
export function findConnection(from: string): GatewaySettings | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const file = join(folder, DATA_FOLDER, FILE);
    if (existsSync(file) && statSync(file).uid === process.getuid?.()) return read(file);
    if (folder === dirname(folder)) return undefined;
  }
}

function read(file: string): GatewaySettings | undefined {
  try {
    const { url, keyFile } = connection.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { url, key: readFileSync(keyFile, 'utf8').trim() };
  } catch {
    return undefined;
  }
}
