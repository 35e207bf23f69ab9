import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createIdentities, type Identities } from '../installation/index.js';
import { keptFile, replaceFile } from '../process/index.js';

/** Names of the files with an installation's secrets, in a folder that only its owner can read. */
export interface SecretFiles {
  /** Ed25519, PKCS #8: signs permits. Only policy reads it. */
  readonly permitPrivateKey: string;
  /** The public half: adapters verify permits with it. */
  readonly permitPublicKey: string;
  /** Names, tenants, roles and hashes of the gateway's API keys. */
  readonly apiKeys: string;
  /** What data keys are stored under. All services share it. */
  readonly masterKey: string;
}

export interface ApiKey {
  readonly name: string;
  readonly tenant: string;
  readonly roles: readonly string[];
}

/**
 * A deployment's own secrets: those of the folder, which are made where there are none. The API keys themselves are returned, and written only where
 * `keysFolder` names a folder: into a file for each, which the next start reads.
 */
export async function createSecrets(directory: string, keys: readonly ApiKey[], keysFolder?: string): Promise<{ readonly files: SecretFiles; readonly apiKeys: Readonly<Record<string, string>> }> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (keysFolder !== undefined) await mkdir(keysFolder, { recursive: true, mode: 0o700 });
  const files: SecretFiles = { permitPrivateKey: join(directory, 'permit.key'), permitPublicKey: join(directory, 'permit.pub'), apiKeys: join(directory, 'api-keys.json'), masterKey: join(directory, 'master.key') };
  const fresh = (): string => `hf_${randomBytes(24).toString('base64url')}`;
  const given = await Promise.all(keys.map(async (key) => ({ ...key, secret: keysFolder === undefined ? fresh() : (await keptFile(join(keysFolder, key.name), () => `${fresh()}\n`)).trim() })));
  const records = given.map(({ name, tenant, roles, secret }) => ({ name, tenant, roles, sha256: createHash('sha256').update(secret).digest('hex') }));
  const privateKey = await keptFile(files.permitPrivateKey, () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  await replaceFile(files.permitPublicKey, createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' }).toString());
  await replaceFile(files.apiKeys, JSON.stringify(records, null, 2));
  // 32 bytes in base64, as the services read it.
  await keptFile(files.masterKey, () => `${randomBytes(32).toString('base64')}\n`);
  return { files, apiKeys: Object.fromEntries(given.map(({ name, secret }) => [name, secret])) };
}

/** The broker's users as the folder has them; roles that are new since then are added. */
export async function keptIdentities(directory: string): Promise<Identities> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'identities.json');
  const identities = { ...createIdentities(), ...(JSON.parse(await keptFile(file, () => '{}')) as Partial<Identities>) };
  await replaceFile(file, JSON.stringify(identities));
  return identities;
}
