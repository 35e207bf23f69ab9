import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, headers, nkeyAuthenticator, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CORE_ACCOUNT, ROLES, exportsOf, inboxPrefix, permissionsOf, type Account, type Role } from '@holdfast/contracts';
import { startBroker, type RunningBroker } from '../broker/index.js';
import { brokerConfig, createIdentities, install } from './index.js';

/**
 * Everything by which somebody with a service's credentials could put words into the log that are not theirs, besides publishing
 * them. Each is first seen to work where everybody shares one account and streams have the settings that are convenient, and then
 * to come to nothing on our installation.
 */
const table = exportsOf(1, ['default']);
const identities = createIdentities();
const run = 'acme.r1';
let broker: RunningBroker;
let directory: string;
let manager: JetStreamManager;
const connections = new Map<Account, NatsConnection>();
const refusals = new Map<Account, string[]>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-forgeries-'));
  const publicKeys = Object.fromEntries(Object.entries(identities).map(([account, identity]) => [account, identity.publicKey])) as Record<Account, string>;
  broker = await startBroker({ directory, config: brokerConfig({ partitions: 1, adapters: ['default'], publicKeys, durability: 'process', storeDirectory: join(directory, 'store') }) });
  await install({ url: broker.url, seed: identities.CORE.seed, partitions: 1, adapters: ['default'] });
  for (const account of [...ROLES, CORE_ACCOUNT] as const) {
    const connection = await connect({ servers: broker.url, authenticator: nkeyAuthenticator(new TextEncoder().encode(identities[account].seed)), ...(account === CORE_ACCOUNT ? {} : { inboxPrefix: inboxPrefix(account) }), reconnect: false });
    connections.set(account, connection);
    refusals.set(account, []);
    void (async () => {
      for await (const status of connection.status()) if (status.type === 'error') refusals.get(account)?.push(String(status.error));
    })();
  }
  manager = await jetstreamManager(of(CORE_ACCOUNT));
  // The naive configuration: no accounts in between, and streams that allow what the broker offers.
  await manager.streams.add({ name: 'NAIVE_LOG', subjects: ['naive.log.>'], allow_rollup_hdrs: true, duplicate_window: 120_000_000_000 });
  await manager.streams.add({ name: 'NAIVE_TIMERS', subjects: ['naive.timer.>'], allow_msg_schedules: true, allow_rollup_hdrs: true, max_msgs_per_subject: 1 } as never);
});
afterAll(async () => {
  await Promise.all([...connections.values()].map((connection) => connection.close()));
  await broker?.stop();
  await rm(directory, { recursive: true, force: true });
});

function of(account: Account): NatsConnection {
  const connection = connections.get(account);
  if (connection === undefined) throw new Error(`${account} is not connected`);
  return connection;
}
const count = async (stream: string): Promise<number> => (await manager.streams.info(stream)).state.messages;
const last = async (stream: string, subject: string): Promise<string | undefined> => (await manager.streams.getMessage(stream, { last_by_subj: subject }).catch(() => null))?.string();
const until = async (what: () => Promise<boolean>): Promise<boolean> => {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await what()) return true;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  return false;
};
function headed(given: Readonly<Record<string, string>>): ReturnType<typeof headers> {
  const head = headers();
  for (const [name, value] of Object.entries(given)) head.set(name, value);
  return head;
}
const within = (given: Readonly<Record<string, string>>) => ({ headers: headed(given), timeout: 2_000 });
const soon = (): string => `@at ${new Date(Date.now() + 1_000).toISOString()}`;

/** What the broker says to a publish with these headers: its refusal, or the answer of the stream that it went to; nothing where no stream takes it. */
async function publish(role: Role, subject: string, body: string, given: Readonly<Record<string, string>>): Promise<{ readonly refused: boolean; readonly stored: boolean }> {
  const before = refusals.get(role)?.length ?? 0;
  const answer = await of(role).request(subject, body, { headers: headed(given), timeout: 500 }).then((message: Msg) => message.json<{ error?: unknown; seq?: number }>(), () => undefined);
  await of(role).flush();
  return { refused: (refusals.get(role)?.length ?? 0) > before || answer?.error !== undefined, stored: answer?.seq !== undefined && answer.error === undefined };
}

/** Every subject of a stream that a role may publish to, with one name in place of each wildcard. */
const storedSubjects = (role: Role): readonly string[] => permissionsOf(role, table).publish
  .filter((subject) => !/^(\$JS|\$SYS|fact|policy|worker|memory|_|orchestrator)/.test(subject)).map((subject) => subject.replaceAll('*', 'x').replace('>', 'x.y'));

describe('an outcome, an approval, a timer and a commit', () => {
  it.each<[string, string, readonly Role[]]>([
    ['the outcome of a call', `fact.0.${run}.tool`, ['tools']],
    ['a proposal', `fact.0.${run}.plan`, ['planner']],
    ['a person\'s approval', `inbox.0.${run}.approval`, ['gateway']],
    ['a commit', `log.0.${run}.plan`, ['orchestrator']],
    ['a commit that dispatches a call', `log.0.${run}.call.default`, ['orchestrator']],
    ['a timer', `timer.set.0.${run}.deadline`, ['orchestrator']],
    ['a record of the ledger', 'effects.acme.pay.x', ['tools']],
    ['a model\'s answer', 'answers.acme.r1.1', ['planner']],
    ['what a model says', 'tokens.acme.r1', ['planner']],
    ['an accepted contract', 'registry.pay.accepted', ['gateway']],
  ])('%s can be said by nobody but whose it is', async (_what, subject, owners) => {
    for (const role of ROLES) {
      const { refused } = await publish(role, subject, '{}', {});
      expect([role, refused]).toEqual([role, !owners.includes(role)]);
    }
  });
});

describe('a reply subject', () => {
  it('makes the server itself store its answer in the log, where everybody shares the log\'s account', async () => {
    of(CORE_ACCOUNT).publish(`inbox.0.${run}.signal`, 'x', { reply: 'naive.log.reply' });
    expect(await until(async () => (await last('NAIVE_LOG', 'naive.log.reply')) !== undefined)).toBe(true);
  });

  it('leads nowhere on ours, for no role and no subject that it may publish to', async () => {
    const before = await count('LOG-0');
    for (const role of ROLES) {
      for (const subject of permissionsOf(role, table).publish.map((pattern) => pattern.replaceAll('*', 'x').replace('>', 'x.y'))) {
        if (role !== 'orchestrator' || !subject.startsWith('log.')) of(role).publish(subject, '{}', { reply: `log.0.${run}.plan` });
      }
      await of(role).flush();
    }
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    expect(await count('LOG-0')).toBe(before);
  });
});

describe('the target of a schedule', () => {
  it('plants a message in the log, where whoever may set a timer shares the log\'s account', async () => {
    const answer = await of(CORE_ACCOUNT).request('naive.timer.mine', 'forged', within({ 'Nats-Schedule': soon(), 'Nats-Schedule-Target': 'naive.log.planted' }));
    const refusal = answer.json<{ error?: { description: string } }>().error?.description;
    // This server wants the target to be the stream's own; then one stream for both is what plants it.
    if (refusal !== undefined) {
      await manager.streams.update('NAIVE_TIMERS', { subjects: ['naive.timer.>', 'naive.planted.>'] });
      await of(CORE_ACCOUNT).request('naive.timer.mine', 'forged', within({ 'Nats-Schedule': soon(), 'Nats-Schedule-Target': 'naive.planted.log' }));
      expect(await until(async () => (await last('NAIVE_TIMERS', 'naive.planted.log')) === 'forged')).toBe(true);
      return;
    }
    expect(await until(async () => (await last('NAIVE_LOG', 'naive.log.planted')) === 'forged')).toBe(true);
  });

  it('is nobody\'s to choose but the orchestrator\'s, and not even it can plant a commit', async () => {
    const before = await count('LOG-0');
    for (const role of ROLES) {
      for (const subject of storedSubjects(role)) await publish(role, subject, 'forged', { 'Nats-Schedule': soon(), 'Nats-Schedule-Target': `log.0.${run}.plan` });
    }
    await publish('orchestrator', `timer.set.0.${run}.t`, 'forged', { 'Nats-Schedule': soon(), 'Nats-Schedule-Target': `log.0.${run}.plan` });
    await new Promise((resolve) => { setTimeout(resolve, 1_800); });
    expect(await last('LOG-0', `log.0.${run}.plan`)).not.toBe('forged');
    expect(await count('LOG-0')).toBe(before);
  });
});

describe('a rollup', () => {
  it('wipes a stream that allows it', async () => {
    for (let nth = 0; nth < 3; nth += 1) await of(CORE_ACCOUNT).request('naive.log.history', `${nth}`);
    await of(CORE_ACCOUNT).request('naive.log.history', 'nothing ever happened', within({ 'Nats-Rollup': 'all' }));
    expect(await count('NAIVE_LOG')).toBe(1);
  });

  it.each(['all', 'sub'])('"%s" is refused on every stream of ours that a service may write to, and nothing is gone', async (kind) => {
    const streams = ['LOG-0', 'EFFECTS', 'ANSWERS', 'REGISTRY', 'PAYLOADS', 'INBOX', 'TASKS', 'DEAD', 'KV_guards', 'KV_leases'];
    for (const [role, subject] of [['orchestrator', `log.0.${run}.wait`], ['tools', 'effects.acme.pay.kept'], ['planner', 'answers.acme.r1.2'], ['gateway', 'registry.pay.accepted'], ['gateway', `inbox.0.${run}.signal`], ['publisher', 'tasks.acme'], ['gateway', 'dead.acme.intake.kept']] as const) await publish(role, subject, 'kept', {});
    const before = await Promise.all(streams.map(count));
    for (const role of ROLES) {
      for (const subject of storedSubjects(role).filter((one) => !one.startsWith('timer.'))) expect([role, subject, (await publish(role, subject, 'rolled', { 'Nats-Rollup': kind })).stored]).toEqual([role, subject, false]);
    }
    expect(await Promise.all(streams.map(count))).toEqual(before);
  });
});

describe('a message id that was used before', () => {
  it('makes the true message a duplicate, where the attacker may write to its stream', async () => {
    await of(CORE_ACCOUNT).request('naive.log.attacker', 'mine', within({ 'Nats-Msg-Id': 'approval:1' }));
    const answer = await of(CORE_ACCOUNT).request('naive.log.approval', 'approved', within({ 'Nats-Msg-Id': 'approval:1' }));
    expect(answer.json()).toMatchObject({ duplicate: true });
    expect(await last('NAIVE_LOG', 'naive.log.approval')).toBeUndefined();
  });

  it('keeps no fact away on ours: only the gateway writes to the inbox, and no other stream shares its ids', async () => {
    for (const role of ROLES.filter((one) => one !== 'gateway')) {
      for (const subject of [`inbox.0.${run}.approval`, ...storedSubjects(role)]) await publish(role, subject, 'mine', { 'Nats-Msg-Id': 'approval:2' });
    }
    const answer = await of('gateway').request(`inbox.0.${run}.approval`, 'approved', within({ 'Nats-Msg-Id': 'approval:2' }));
    expect(answer.json()).not.toHaveProperty('duplicate');
    expect(await last('INBOX', `inbox.0.${run}.approval`)).toBe('approved');
  });
});

describe('somebody else\'s timer', () => {
  it('is replaced or purged by whoever may reach the stream', async () => {
    const far = '@at 2040-01-01T00:00:00Z';
    await of(CORE_ACCOUNT).request('naive.timer.victim', 'deadline', within({ 'Nats-Schedule': far, 'Nats-Schedule-Target': 'naive.timer.due' }));
    await of(CORE_ACCOUNT).request('naive.timer.victim', 'never', within({ 'Nats-Schedule': far, 'Nats-Schedule-Target': 'naive.timer.due' }));
    expect(await last('NAIVE_TIMERS', 'naive.timer.victim')).toBe('never');
    await manager.streams.purge('NAIVE_TIMERS', { filter: 'naive.timer.victim' });
    expect(await last('NAIVE_TIMERS', 'naive.timer.victim')).toBeUndefined();
  });

  it('cannot be replaced, fired or purged by anybody but the orchestrator', async () => {
    const subject = `timer.set.0.${run}.victim`;
    const head = { 'Nats-Schedule': '@at 2040-01-01T00:00:00Z', 'Nats-Schedule-Target': `timer.due.0.${run}.victim` };
    expect(await publish('orchestrator', subject, 'deadline', head)).toMatchObject({ stored: true });
    for (const role of ROLES.filter((one) => one !== 'orchestrator')) {
      expect(await publish(role, subject, 'never', head)).toEqual({ refused: true, stored: false });
      expect(await publish(role, `timer.due.0.${run}.victim`, 'now', {})).toEqual({ refused: true, stored: false });
      expect(await publish(role, '$JS.API.STREAM.PURGE.TIMERS-0', JSON.stringify({ filter: subject }), {})).toEqual({ refused: true, stored: false });
    }
    expect(await last('TIMERS-0', subject)).toBe('deadline');
  });
});

describe('what the table grants', () => {
  it.each(ROLES)('%s may publish and hear, or a table that forbids everything would do', async (role) => {
    const { publish: mayPublish, subscribe, subscribeTogether } = permissionsOf(role, table);
    const concrete = (pattern: string): string => pattern.replaceAll('*', 'x').replace('>', 'x.y');
    const before = refusals.get(role)?.length ?? 0;
    for (const subject of mayPublish.map(concrete)) of(role).publish(subject, '{}');
    for (const subject of subscribe) of(role).subscribe(subject, { max: 1, callback: () => undefined }).unsubscribe();
    for (const subject of subscribeTogether) of(role).subscribe(subject, { max: 1, queue: role, callback: () => undefined }).unsubscribe();
    await of(role).flush();
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    expect(refusals.get(role)?.slice(before)).toEqual([]);
  });
});
