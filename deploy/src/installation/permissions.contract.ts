import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CORE_ACCOUNT, ROLES, exportsOf, inboxPrefix, permissionsOf, type Account, type Role } from '@holdfast/contracts';
import { startBroker, type RunningBroker } from '../broker/index.js';
import { brokerConfig, createIdentities, install } from './index.js';

const PARTITIONS = 2;
const table = exportsOf(PARTITIONS, ['default']);
const identities = createIdentities();
let broker: RunningBroker;
let directory: string;
const connections = new Map<Account, NatsConnection>();
const refusals = new Map<Account, string[]>();

async function open(account: Account): Promise<NatsConnection> {
  const connection = await connect({ servers: broker.url, authenticator: nkeyAuthenticator(new TextEncoder().encode(identities[account].seed)), ...(account === CORE_ACCOUNT ? {} : { inboxPrefix: inboxPrefix(account) }), reconnect: false });
  connections.set(account, connection);
  refusals.set(account, []);
  void (async () => {
    for await (const status of connection.status()) if (status.type === 'error') refusals.get(account)?.push(String(status.error));
  })();
  return connection;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-permissions-'));
  const publicKeys = Object.fromEntries(Object.entries(identities).map(([account, identity]) => [account, identity.publicKey])) as Record<Account, string>;
  broker = await startBroker({ directory, config: brokerConfig({ partitions: PARTITIONS, adapters: ['default'], publicKeys, durability: 'process', storeDirectory: join(directory, 'store') }) });
  await install({ url: broker.url, seed: identities.CORE.seed, partitions: PARTITIONS, adapters: ['default'] });
  for (const role of ROLES) await open(role);
  await open(CORE_ACCOUNT);
});

afterAll(async () => {
  await Promise.all([...connections.values()].map((connection) => connection.close()));
  await broker.stop();
  await rm(directory, { recursive: true, force: true });
});

/** A concrete subject that a pattern covers. */
const concrete = (pattern: string): string => pattern.replaceAll('*', 'x').replace('>', 'x.y');

/** Everything that anybody may publish or hear, and what nobody may. */
const universe = [...new Set([...table.map((entry) => entry.subject), 'log.0.acme.r1.plan', '$JS.API.STREAM.PURGE.LOG-0', '$JS.API.STREAM.DELETE.LOG-0', '$JS.API.STREAM.UPDATE.LOG-0', '$JS.API.CONSUMER.CREATE.LOG-0', '$JS.API.STREAM.MSG.DELETE.LOG-0', 'timer.due.0.acme.r1.t', '$SYS.REQ.SERVER.PING', '_INBOX.other.x'])].map(concrete);

const covers = (pattern: string, subject: string): boolean => {
  const [tokens, parts] = [pattern.split('.'), subject.split('.')];
  for (const [index, token] of tokens.entries()) {
    if (token === '>') return parts.length > index;
    if (parts[index] === undefined || (token !== '*' && token !== parts[index])) return false;
  }
  return tokens.length === parts.length;
};

/** Waits for what the server has to say about everything sent so far. */
async function settled(role: Role): Promise<readonly string[]> {
  await connections.get(role)?.flush();
  await new Promise((resolve) => setTimeout(resolve, 50));
  return refusals.get(role) ?? [];
}

describe.each(ROLES)('the broker, towards %s', (role) => {
  const allowed = permissionsOf(role, table);

  it('refuses every publish that the table does not grant', async () => {
    const forbidden = universe.filter((subject) => !allowed.publish.some((pattern) => covers(pattern, subject)));
    expect(forbidden.length).toBeGreaterThan(10);
    for (const subject of forbidden) connections.get(role)?.publish(subject, 'forged');
    const heard = (await settled(role)).join('\n');
    expect(forbidden.filter((subject) => !heard.includes(`"${subject}"`))).toEqual([]);
  });

  it('refuses every subscription that the table does not grant', async () => {
    const forbidden = [...universe, '>', 'log.>', 'inbox.>', 'effects.>'].filter((subject) => !allowed.subscribe.some((pattern) => covers(pattern, subject)));
    for (const subject of forbidden) connections.get(role)?.subscribe(subject, { callback: () => undefined });
    const heard = (await settled(role)).join('\n');
    expect(forbidden.filter((subject) => !heard.includes(`Subscription to "${subject}"`))).toEqual([]);
  });
});

describe('a role whose processes are others\'', () => {
  it('hears requests in its queue group alone, so that it cannot overhear what the others are asked', async () => {
    const { subscribeTogether } = permissionsOf('reasoner', table);
    const before = refusals.get('reasoner')?.length ?? 0;
    for (const subject of subscribeTogether.map(concrete)) {
      connections.get('reasoner')?.subscribe(subject, { callback: () => undefined });
      connections.get('reasoner')?.subscribe(subject, { queue: 'mine', callback: () => undefined });
    }
    expect(subscribeTogether).toEqual(['reasoner.*.propose']);
    expect((await settled('reasoner')).slice(before)).toHaveLength(2 * subscribeTogether.length);
  });
});

describe('the log', () => {
  const count = async (stream: string): Promise<number> => {
    const core = connections.get(CORE_ACCOUNT);
    if (core === undefined) throw new Error('not connected');
    return (await (await jetstreamManager(core)).streams.info(stream)).state.messages;
  };

  it('not even the orchestrator can roll the log up, schedule into it, or have it deleted', async () => {
    const { headers } = await import('@nats-io/transport-node');
    const orchestrator = connections.get('orchestrator');
    const before = await count('LOG-0');
    for (const [name, value] of [['Nats-Rollup', 'all'], ['Nats-Schedule', '@at 2030-01-01T00:00:00Z']] as const) {
      const head = headers();
      head.set(name, value);
      if (name === 'Nats-Schedule') head.set('Nats-Schedule-Target', 'log.0.acme.r1.plan');
      const answer = (await orchestrator?.request('log.0.acme.r3.plan', 'x', { headers: head, timeout: 2_000 }))?.json<{ error?: { description: string } }>();
      expect(answer?.error?.description).toEqual(expect.any(String));
    }
    expect(await count('LOG-0')).toBe(before);
  });
});
