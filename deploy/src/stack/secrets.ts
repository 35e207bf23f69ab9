import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

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

/** Makes a deployment's own secrets. The API keys themselves are returned and never written. */
export async function createSecrets(directory: string, keys: readonly ApiKey[]): Promise<{ readonly files: SecretFiles; readonly apiKeys: Readonly<Record<string, string>> }> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const pair = generateKeyPairSync('ed25519', { privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const given = keys.map((key) => ({ ...key, secret: `hf_${randomBytes(24).toString('base64url')}` }));
  const files: SecretFiles = { permitPrivateKey: join(directory, 'permit.key'), permitPublicKey: join(directory, 'permit.pub'), apiKeys: join(directory, 'api-keys.json'), masterKey: join(directory, 'master.key') };
  const records = given.map(({ name, tenant, roles, secret }) => ({ name, tenant, roles, sha256: createHash('sha256').update(secret).digest('hex') }));
  await writeFile(files.permitPrivateKey, pair.privateKey, { mode: 0o600 });
  await writeFile(files.permitPublicKey, pair.publicKey, { mode: 0o600 });
  await writeFile(files.apiKeys, JSON.stringify(records, null, 2), { mode: 0o600 });
  // 32 bytes in base64, as the services read it.
  await writeFile(files.masterKey, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  return { files, apiKeys: Object.fromEntries(given.map(({ name, secret }) => [name, secret])) };
}
