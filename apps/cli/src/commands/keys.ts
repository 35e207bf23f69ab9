import { generateKeyPairSync, hash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { HoldfastError } from '@holdfast/contracts';
import type { AddCommands } from './command.js';

/** Keys that permits are signed with; docs/runbooks/permits.md tells how they are exchanged. */
export const addKeysCommands: AddCommands = (program, { terminal }) => {
  program.command('keys').description('Keys that permits are signed and verified with.')
    .command('new').description('Makes a key: <name>.private.pem for policy, and <name>.public.json for the adapters, to be put beside the keys that they have.').argument('<name>', 'where the two files go, and what they begin with', readName)
    .action(async (name: string) => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      const { kty, crv, x } = publicKey.export({ format: 'jwk' });
      // The thumbprint of RFC 7638, which policy computes from the private key and names in each permit.
      const kid = hash('sha256', JSON.stringify({ crv, kty, x }), 'base64url');
      await write(`${name}.private.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
      await write(`${name}.public.json`, `${JSON.stringify({ keys: [{ kty, crv, x, alg: 'EdDSA', use: 'sig', kid }] }, null, 2)}\n`, 0o644);
      terminal.out(`${name}.private.pem and ${name}.public.json are written; the key's id is ${kid}.\nGive the adapters the public key first, beside the present ones, and policy the private one when all of them have it.`);
    });
};

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
