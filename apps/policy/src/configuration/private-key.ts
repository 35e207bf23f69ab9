import { readFile } from 'node:fs/promises';
import { HoldfastError } from '@holdfast/contracts';

/** The text of the private key that a setting holds or points at. Throws `permit.bad-key` for a file that cannot be read. */
export async function privateKeyText(setting: string): Promise<string> {
  const start = setting.trimStart();
  if (start.startsWith('-----BEGIN') || start.startsWith('{')) return setting;
  try {
    return await readFile(setting, 'utf8');
  } catch {
    // The setting itself could be a mangled key, so it is not repeated here.
    throw new HoldfastError({ code: 'permit.bad-key', message: 'HOLDFAST_PERMIT_PRIVATE_KEY is neither a key nor the path of a readable file.', retryable: false, remedy: 'Give an Ed25519 private key as PKCS #8 in PEM or as a JSON Web Key, or the path of a file with one.' });
  }
}
