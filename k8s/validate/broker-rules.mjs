import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseBrokerConfiguration } from './broker-configuration.mjs';
import { nameOf, ofKind, workloadsOf } from './objects.mjs';

const root = join(import.meta.dirname, '..', '..');
export const PERMISSIONS_FILE = join(root, 'k8s', 'holdfast', 'files', 'broker-permissions.json');

// The contracts are read from their sources, so that a stale build cannot hide a difference.
registerHooks({
  resolve(specifier, context, next) {
    const conditions = ['holdfast-source', ...(context.conditions ?? [])];
    try {
      return next(specifier, { ...context, conditions });
    } catch (error) {
      if (!specifier.startsWith('.') || !specifier.endsWith('.js')) throw error;
      return next(`${specifier.slice(0, -3)}.ts`, { ...context, conditions });
    }
  },
});
const { CORE_ACCOUNT, ROLES, SYSTEM_ACCOUNT, exportsOf, inboxPrefix, repliesOf, sharesOnly } = await import('../../libs/contracts/src/permissions.ts');
const { brokerConfig } = await import('../../deploy/src/installation/broker-config.ts');

/** The permission table of the contracts with placeholders, as the chart expands it. */
export function permissionsTemplate() {
  const symbolic = (subject) => subject.replace(/\b(LOG|TIMERS|tasks|people|timers)-0\b/g, '$1-{partition}').replace(/\btools-ADAPTER\b/, 'tools-{adapter}');
  const exports = exportsOf(1, ['ADAPTER']).map((row) => ({ ...row, subject: symbolic(row.subject) }));
  return { core: CORE_ACCOUNT, system: SYSTEM_ACCOUNT, roles: ROLES, inboxPrefix: inboxPrefix('{role}'), replies: Object.fromEntries(ROLES.map((role) => [role, repliesOf(role)])), sharing: ROLES.filter(sharesOnly), exports };
}

/** The chart's copy of the table must be the one that the contracts give now. */
export function permissionsFindings() {
  const kept = JSON.parse(readFileSync(PERMISSIONS_FILE, 'utf8'));
  const derived = JSON.parse(JSON.stringify(permissionsTemplate()));
  return isDeepStrictEqual(kept, derived) ? [] : ['files/broker-permissions.json differs from libs/contracts: run `node k8s/validate.mjs --write-permissions`'];
}

/** The rendered broker must have exactly the accounts that `deploy` generates, and put every write on disk. */
export function brokerRules(objects) {
  return ofKind(objects, 'ConfigMap').filter(({ data }) => data?.['nats.conf']).flatMap((object) => {
    const rendered = parseBrokerConfiguration(object.data['nats.conf'], object.data);
    const findings = [];
    const say = (text) => findings.push(`${nameOf(object)}: ${text}`);
    if (rendered.jetstream?.sync_interval !== 'always') say('sync_interval is not "always": an acknowledged write could be lost with the power');
    const { partitions, adapters } = settingsOf(objects);
    const publicKeys = Object.fromEntries([CORE_ACCOUNT, ...ROLES].map((account) => [account, rendered.accounts?.[account]?.users?.[0]?.nkey]));
    if (new Set(Object.values(publicKeys)).size !== ROLES.length + 1) say('two accounts have the same public key');
    const wanted = parseBrokerConfiguration(brokerConfig({ partitions, adapters, publicKeys, durability: 'power', storeDirectory: '/data' }));
    for (const key of ['max_payload', 'max_connections', 'system_account']) if (rendered[key] !== wanted[key]) say(`${key} is ${rendered[key]} where deploy has ${wanted[key]}`);
    for (const account of new Set([...Object.keys(wanted.accounts), ...Object.keys(rendered.accounts ?? {})])) {
      if (!isDeepStrictEqual(ordered(rendered.accounts?.[account]), ordered(wanted.accounts[account]))) say(`the account ${account} differs from the permission table of libs/contracts`);
    }
    return findings;
  });
}

/** Lists of exports, imports and subjects mean the same in any order. */
function ordered(value) {
  if (Array.isArray(value)) return value.map(ordered).map((item) => JSON.stringify(item)).sort();
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)).map(([key, item]) => [key, ordered(item)]));
}

function settingsOf(objects) {
  const environment = workloadsOf(objects).find(({ object }) => object.kind === 'Job')?.pod.containers[0].env ?? [];
  const read = (name) => environment.find((variable) => variable.name === name)?.value ?? '';
  return { partitions: Number(read('HOLDFAST_PARTITIONS')), adapters: read('HOLDFAST_ADAPTERS').split(',') };
}
