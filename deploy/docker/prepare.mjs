/**
 * Makes what an installation must not share: `node deploy/docker/prepare.mjs [folder]` (after `npm run build`, or inside
 * the installer's image) writes fresh keys, passwords and the broker's configuration. Existing files are never touched, so
 * a second run completes the first one. The default folder is deploy/docker/.holdfast, which git ignores.
 */
import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brokerConfig, createIdentities } from '../dist/installation/index.js';

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, '.holdfast'));
const partitions = Number(process.env.HOLDFAST_PARTITIONS ?? 8);
const adapters = (process.env.HOLDFAST_ADAPTERS ?? 'default').split(',');

/** Compose shows a secret to the container with the file's own mode: the folder is closed, the files are readable. */
const READABLE = 0o444;

function keep(name, make) {
  const path = join(folder, name);
  if (!existsSync(path)) {
    writeFileSync(path, make(), { mode: READABLE });
    console.log(`made ${name}`);
  }
  return readFileSync(path, 'utf8');
}

mkdirSync(folder, { recursive: true, mode: 0o700 });

const fresh = createIdentities();
const publicKeys = {};
for (const [account, identity] of Object.entries(fresh)) {
  const kept = JSON.parse(keep(`nats-${account.toLowerCase()}.json`, () => `${JSON.stringify(identity)}\n`));
  keep(`nats-${account.toLowerCase()}.seed`, () => kept.seed);
  publicKeys[account] = kept.publicKey;
}

// The broker's configuration holds public keys only and is derived: it follows partitions, adapters and the release.
const config = ['server_name: holdfast', 'port: 4222', 'http: 8222', brokerConfig({ partitions, adapters, publicKeys, durability: 'power', storeDirectory: '/data' })].join('\n');
writeFileSync(join(folder, 'nats.conf'), config);

const privateKey = keep('permit-private-key.pem', () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
keep('permit-public-keys.pem', () => createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));

// Whoever loses it loses what runs about data subjects say.
keep('master.key', () => `${randomBytes(32).toString('base64')}\n`);

const password = keep('postgres-password', () => randomBytes(24).toString('base64url'));
keep('memory.env', () => `DATABASE_URL=postgres://holdfast:${password}@postgres:5432/holdfast\n`);
// The gateway keeps a hash; the key itself is for whoever calls it.
const apiKey = keep('operator-api-key', () => `hf_${randomBytes(32).toString('base64url')}`);
keep('api-keys.json', () => `${JSON.stringify([{ name: 'operator', tenant: 'default', roles: ['admin'], sha256: createHash('sha256').update(apiKey).digest('hex') }])}\n`);
keep('planner.env', () => '# HOLDFAST_MODEL=provider/model and the provider\'s key, to replace the agents\' own models.\n');
keep('tool-adapters.env', () => '# What your tools read from the environment.\n');

// Values of the Helm chart for its embedded broker.
writeFileSync(join(folder, 'nats-public-keys.yaml'), `nats:\n  embedded:\n    publicKeys:\n${Object.entries(publicKeys).map(([account, key]) => `      ${account}: ${key}\n`).join('')}`);

// The catalog follows the application's declarations; Compose mounts it into every service.
const application = resolve(import.meta.dirname, '../..', process.env.HOLDFAST_APPLICATION ?? 'examples/accounts-payable');
const modules = [process.env.HOLDFAST_AGENTS_MODULE ?? 'dist/agents.js', process.env.HOLDFAST_TOOLS_MODULE ?? 'dist/tools/index.js'].map((name) => join(application, name));
const missing = modules.filter((module) => !existsSync(module));
if (missing.length === 0) {
  const { writeCatalog } = await import('../dist/stack/catalog.js');
  await writeCatalog(join(folder, 'catalog.json'), ...modules);
} else {
  console.log(`No catalog was made, since ${missing.join(' and ')} is missing. Build it, or set HOLDFAST_APPLICATION, HOLDFAST_AGENTS_MODULE and HOLDFAST_TOOLS_MODULE, or put a catalog.json there yourself.`);
}
console.log(`Ready: ${folder}`);
