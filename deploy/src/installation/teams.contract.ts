import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENTS_STREAM, TEAM_API_PREFIX, exportsOf, inboxPrefix, subjects, teamAccount, type Account } from '@holdfast/contracts';
import { startBroker, type RunningBroker } from '../broker/index.js';
import { brokerConfig, createIdentities, createIdentity, install } from './index.js';

const erp = { name: 'erp', tenant: 'acme', ...createIdentity() };
const crm = { name: 'crm', tenant: 'globex', ...createIdentity() };
const installed = { partitions: 1, adapters: ['default'] };
const identities = createIdentities();
let directory: string;
let broker: RunningBroker;
const opened: NatsConnection[] = [];

async function open(seed: string, prefix?: string): Promise<{ readonly connection: NatsConnection; readonly refused: string[] }> {
  const connection = await connect({ servers: broker.url, authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)), ...(prefix === undefined ? {} : { inboxPrefix: prefix }), reconnect: false });
  const refused: string[] = [];
  opened.push(connection);
  void (async () => {
    for await (const status of connection.status()) if (status.type === 'error') refused.push(String(status.error));
  })();
  return { connection, refused };
}
const openTeam = (team: typeof erp) => open(team.seed, inboxPrefix(teamAccount(team)));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-teams-'));
  const publicKeys = Object.fromEntries(Object.entries(identities).map(([account, identity]) => [account, identity.publicKey])) as Record<Account, string>;
  broker = await startBroker({ directory, config: brokerConfig({ ...installed, teams: [erp, crm], publicKeys, durability: 'process', storeDirectory: join(directory, 'store') }) });
  await install({ url: broker.url, seed: identities.CORE.seed, ...installed, teams: [erp, crm] });
});
afterAll(async () => {
  await Promise.all(opened.map((connection) => connection.close()));
  await broker.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('a team outside', () => {
  it('reads its own tenant\'s events with the stock client', async () => {
    const { connection: gateway } = await open(identities.gateway.seed, inboxPrefix('gateway'));
    for (const [index, tenant] of ['acme', 'globex', 'acme'].entries()) await gateway.request(subjects.publicEvent({ tenant, runId: 'r1' }, 1, index, 'run-ended'), `"${tenant}"`);
    for (const team of [erp, crm]) {
      const { connection } = await openTeam(team);
      const consumer = await jetstream(connection, { apiPrefix: TEAM_API_PREFIX }).consumers.get(EVENTS_STREAM, team.name);
      const expected = team === erp ? 2 : 1;
      const heard: string[] = [];
      const messages = await consumer.fetch({ max_messages: expected, expires: 5_000 });
      for await (const message of messages) {
        heard.push(message.json<string>());
        expect(await message.ackAck()).toBe(true);
      }
      expect(heard).toEqual(Array.from({ length: expected }, () => team.tenant));
      expect((await consumer.info()).num_pending).toBe(0);
    }
  });

  it('publishes a task of its tenant and is told where it is', async () => {
    const { connection } = await openTeam(erp);
    expect((await connection.request(subjects.tasks('acme'), '{}')).json()).toMatchObject({ stream: 'TASKS', seq: expect.any(Number) });
  });

  it('is refused every other publish by the broker', async () => {
    const { connection, refused } = await openTeam(erp);
    const own = [subjects.tasks('acme'), `${TEAM_API_PREFIX}.CONSUMER.INFO.EVENTS.erp`];
    const others = exportsOf(1, ['default'], [erp, crm]).flatMap(({ subject, as }) => [subject, as ?? subject]).map((subject) => subject.replaceAll('*', 'x').replace('>', 'x.y'));
    const forbidden = [...new Set([
      ...others, subjects.tasks('globex'), 'tasks.acme.more', subjects.publicEvent({ tenant: 'acme', runId: 'r1' }, 1, 0, 'run-ended'), 'log.0.acme.r1.plan', 'inbox.0.acme.r1.task',
      '$JS.API.CONSUMER.CREATE.EVENTS', '$JS.API.CONSUMER.MSG.NEXT.EVENTS.erp', '$JS.API.STREAM.PURGE.EVENTS', '$JS.API.STREAM.MSG.GET.EVENTS', '$JS.API.DIRECT.GET.EVENTS',
      ...['MSG.NEXT.EVENTS.crm', 'INFO.EVENTS.crm', 'CREATE.EVENTS', 'DURABLE.CREATE.EVENTS.erp', 'DELETE.EVENTS.erp', 'MSG.NEXT.LOG-0.planner'].map((call) => `${TEAM_API_PREFIX}.CONSUMER.${call}`),
      '$JS.ACK.EVENTS.crm.1.1.1.1.0', '$JS.ACK.LOG-0.planner.1.1.1.1.0', '$SYS.REQ.SERVER.PING', '_INBOX.TEAM-crm.x',
    ])].filter((subject) => !own.includes(subject) && subject !== `${TEAM_API_PREFIX}.CONSUMER.MSG.NEXT.EVENTS.erp` && !subject.startsWith('$JS.ACK.EVENTS.erp.'));
    expect(forbidden.length).toBeGreaterThan(100);
    for (const subject of forbidden) connection.publish(subject, 'forged');
    await connection.flush();
    await connection.flush();
    const heard = refused.join('\n');
    expect(forbidden.filter((subject) => !heard.includes(`"${subject}"`))).toEqual([]);
  });

  it('is refused every subscription but that to its own answers', async () => {
    const { connection, refused } = await openTeam(erp);
    const forbidden = ['>', 'event.>', subjects.publicEvents('acme'), 'tasks.acme', 'tasks.*', 'log.>', 'committed.>', 'inbox.>', 'spoken.>', 'datakeyed.>', 'dead.acme.>', '_INBOX.>', '_INBOX.TEAM-crm.>', '_INBOX.gateway.>', '$JS.ACK.>', '$SYS.>', 'worker.x.execute.y', 'policy.authorize'];
    for (const subject of forbidden) connection.subscribe(subject, { callback: () => undefined });
    await connection.flush();
    await connection.flush();
    const heard = refused.join('\n');
    expect(forbidden.filter((subject) => !heard.includes(`Subscription to "${subject}"`))).toEqual([]);
  });

  it('can make the broker store nothing by a reply subject of its choice', async () => {
    const { connection } = await openTeam(erp);
    const { connection: core } = await open(identities.CORE.seed);
    const streams = (await jetstreamManager(core)).streams;
    const count = async (): Promise<number> => (await streams.info('LOG-0')).state.messages + (await streams.info(EVENTS_STREAM)).state.messages;
    const before = await count();
    for (const reply of ['log.0.acme.r1.plan', 'event.acme.run.r9.1-0.run-ended']) {
      connection.publish(subjects.tasks('acme'), '{}', { reply });
      connection.publish(`${TEAM_API_PREFIX}.CONSUMER.INFO.EVENTS.erp`, '', { reply });
    }
    await connection.flush();
    await connection.request(subjects.tasks('acme'), '{}');
    expect(await count()).toBe(before);
  });
});
