import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { HoldfastError } from '@holdfast/contracts';
import { publicPermitKey, type KeySet, type PublicPermitKey } from '@holdfast/policy-engine';
import type { AddCommands } from './command.js';

/** Keys that permits are signed with; docs/runbooks/permits.md tells how they are exchanged. */
export const addKeysCommands: AddCommands = (program, { terminal }) => {
  const keys = program.command('keys').description('Keys that permits are signed and verified with.');
  keys.command('new').description('Makes a key: <name>.private.pem for policy, and <name>.public.json for the adapters, to be put beside the keys that they have.').argument('<name>', 'where the two files go, and what they begin with', readName)
    .action(async (name: string) => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      const key = publicPermitKey(publicKey);
      await write(`${name}.private.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
      await write(`${name}.public.json`, setOf([key]), 0o644);
      terminal.out(`${name}.private.pem and ${name}.public.json are written; the key's id is ${key.kid}.\nGive the adapters the public key first, beside the present ones, and policy the private one when all of them have it.`);
    });
  keys.command('set').description('Writes one set of public keys, for the adapters: the keys of all these files.').argument('<file>', 'the set to write').argument('<keys...>', 'a public key in PEM, or a JSON Web Key Set')
    .action(async (file: string, sources: readonly string[]) => {
      const read = (await Promise.all(sources.map(readKeys))).flat();
      const found = [...new Map(read.map((key) => [key.kid, key])).values()];
      await write(file, setOf(found), 0o644);
      terminal.out(`${file} is written, with the keys ${found.map(({ kid }) => kid).join(', ')}.`);
    });
};

const setOf = (keys: KeySet['keys']): string => `${JSON.stringify({ keys }, null, 2)}\n`;

/** Whatever stands beside the public part, a private one too, is left behind. */
async function readKeys(file: string): Promise<readonly PublicPermitKey[]> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.trimStart().startsWith('-----BEGIN')) return [publicPermitKey(createPublicKey(text))];
    return (JSON.parse(text) as { keys: JsonWebKey[] }).keys.map((key) => publicPermitKey(createPublicKey({ key, format: 'jwk' })));
  } catch (cause) {
    throw new HoldfastError({ code: 'cli.bad-key', message: `"${file}" has no public keys for permits: ${cause instanceof Error ? cause.message : String(cause)}.`, retryable: false, remedy: 'Name files with an Ed25519 public key in PEM, or a JSON Web Key Set.', cause });
  }
}

/** Never over a key that is there. */
async function write(file: string, text: string, mode: number): Promise<void> {
  await writeFile(file, text, { mode, flag: 'wx' }).catch((cause: unknown) => {
    throw new HoldfastError({ code: 'cli.not-written', message: `"${file}" cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`, retryable: false, remedy: 'Take another name; keys are never overwritten.', cause });
  });
}

function readName(text: string): string {
  if (text === '' || text.endsWith('/')) throw new InvalidArgumentError('It must be the beginning of a file name, such as "keys/2027-01".');
  return text;
}
