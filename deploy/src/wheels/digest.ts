import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { HoldfastError } from '@holdfast/contracts';

/** The SHA-256 of a file in lower-case hexadecimal. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Refuses a file that is not the pinned one with `wheel.wrong_digest`. */
export async function requireDigest(file: string, name: string, expected: string): Promise<void> {
  const actual = await sha256Of(file);
  if (actual !== expected) {
    throw new HoldfastError({ code: 'wheel.wrong_digest', message: `${name} has SHA-256 ${actual}; ${expected} is pinned. It was not installed.`, retryable: false, remedy: 'Look at the package index or proxy that delivered it: the file is damaged or was replaced.' });
  }
}
