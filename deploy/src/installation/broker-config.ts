import { CORE_ACCOUNT, ROLES, SYSTEM_ACCOUNT, exportsOf, permissionsOf, repliesOf, type Account, teamAccount, type Durability, type Export, type Team, type TeamAccount } from '@holdfast/contracts';

export interface BrokerConfigSettings {
  readonly partitions: number;
  readonly adapters: readonly string[];
  readonly publicKeys: Readonly<Record<Account, string>>;
  /** The teams outside that publish tasks and read public events; none when left out. */
  readonly teams?: readonly (Team & { readonly publicKey: string })[];
  readonly durability: Durability;
  /** Where JetStream keeps its files. */
  readonly storeDirectory: string;
}

/**
 * The broker's accounts, users and permissions, generated from the permission table of the contracts. Addresses and
 * ports are the launcher's.
 */
export function brokerConfig(settings: BrokerConfigSettings): string {
  const teams = settings.teams ?? [];
  const table = exportsOf(settings.partitions, settings.adapters, teams);
  const accounts: readonly Account[] = [CORE_ACCOUNT, ...ROLES];
  return [
    'max_payload: 1MB',
    // A reconnect storm after a restart must not look like an attack.
    'max_connections: 10000',
    // Nor must a process that stands still for a moment, on a machine that is busy starting everything: the broker's own limit is two seconds.
    'authorization { timeout: 10 }',
    `jetstream { store_dir: ${JSON.stringify(settings.storeDirectory)}, sync_interval: ${settings.durability === 'power' ? 'always' : '"100ms"'} }`,
    'accounts {',
    ...accounts.map((account) => renderAccount(account, settings.publicKeys[account], table)),
    ...teams.map((team) => renderAccount(teamAccount(team), team.publicKey, table)),
    `  ${SYSTEM_ACCOUNT}: {\n${renderExports(SYSTEM_ACCOUNT, table)}\n  }`,
    '}',
    `system_account: ${SYSTEM_ACCOUNT}`,
    '',
  ].join('\n');
}

function renderAccount(account: Account | TeamAccount, publicKey: string, table: readonly Export[]): string {
  const imported = table.filter((entry) => entry.to.includes(account)).map((entry) => `{ ${entry.kind}: { account: ${entry.owner}, subject: ${JSON.stringify(entry.subject)} }${entry.as === undefined ? '' : `, to: ${JSON.stringify(entry.as)}`} }`);
  return [
    `  ${account}: {`,
    ...(account === CORE_ACCOUNT ? ['    jetstream: enabled'] : []),
    `    users: [ { nkey: ${publicKey}${renderPermissions(account, table)} } ]`,
    renderExports(account, table),
    `    imports: [\n${imported.map((line) => `      ${line}`).join('\n')}\n    ]`,
    '  }',
  ].join('\n');
}

function renderExports(owner: Export['owner'] | TeamAccount, table: readonly Export[]): string {
  const exported = table.filter((entry) => entry.owner === owner && entry.kind !== 'own').map(renderExport);
  return `    exports: [\n${exported.map((line) => `      ${line}`).join('\n')}\n    ]`;
}

function renderExport(entry: Export): string {
  const subject = JSON.stringify(entry.subject);
  const accounts = `accounts: [${entry.to.join(', ')}]`;
  return entry.kind === 'stream' ? `{ stream: ${subject}, ${accounts} }` : `{ service: ${subject}, response_type: ${entry.manyAnswers ? 'stream' : 'singleton'}, ${accounts} }`;
}

function renderPermissions(account: Account | TeamAccount, table: readonly Export[]): string {
  if (account === CORE_ACCOUNT) return '';
  const { publish, subscribe, subscribeTogether, mayReply } = permissionsOf(account, table);
  const { max, expires } = repliesOf(account);
  const list = (subjects: readonly string[]): string => `[${subjects.map((subject) => JSON.stringify(subject)).join(', ')}]`;
  return `, permissions: { publish: { allow: ${list(publish)} }, subscribe: { allow: ${list([...subscribeTogether.map((subject) => `${subject} ${account}`), ...subscribe])} }${mayReply ? `, allow_responses: { max: ${max}, expires: "${expires}" }` : ''} }`;
}
