import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { ROLES, subjects, type Account, type Durability } from '@holdfast/contracts';
import { startBroker, type RunningBroker } from '../broker/index.js';
import { brokerConfig, createIdentities, diagnose, install, type DiagnosisSettings } from './index.js';

const PARTITIONS = 2;
const adapters = ['default'];
const identities = createIdentities();
const publicKeys = Object.fromEntries(Object.entries(identities).map(([account, identity]) => [account, identity.publicKey])) as Record<Account, string>;

interface Installation {
  readonly broker: RunningBroker;
  readonly settings: DiagnosisSettings;
  readonly manager: JetStreamManager;
  readonly publish: (subject: string, payload: string) => Promise<unknown>;
  stop(): Promise<void>;
}

async function start(durability: Durability, config: (text: string) => string = (text) => text): Promise<Installation> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-doctor-'));
  const broker = await startBroker({ directory, config: config(brokerConfig({ partitions: PARTITIONS, adapters, publicKeys, durability, storeDirectory: join(directory, 'store') })) });
  const settings: DiagnosisSettings = { url: broker.url, seed: identities.CORE.seed, partitions: PARTITIONS, adapters, durability: 'power', seeds: Object.fromEntries(ROLES.map((role) => [role, identities[role].seed])) };
  await install(settings);
  const connection: NatsConnection = await connect({ servers: broker.url, authenticator: nkeyAuthenticator(new TextEncoder().encode(identities.CORE.seed)) });
  return {
    broker, settings, manager: await jetstreamManager(connection), publish: (subject, payload) => connection.request(subject, payload),
    stop: async () => {
      await connection.close();
      await broker.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

let subject: Installation;

beforeAll(async () => {
  subject = await start('power');
});

afterAll(() => subject.stop());

const codes = async (settings: Partial<DiagnosisSettings> = {}): Promise<readonly string[]> => (await diagnose({ ...subject.settings, ...settings })).problems.map(({ code }) => code);

describe('the doctor', () => {
  it('finds nothing wrong with a fresh installation, and says what the broker really runs', async () => {
    expect(await diagnose(subject.settings)).toEqual({ healthy: true, durability: 'power', servers: [{ name: subject.broker.name, version: expect.stringMatching(/^2\./), clockSkewMs: expect.any(Number) }], problems: [] });
  });

  it('names the runs that are quarantined, which is worth a look and no fault of the installation', async () => {
    const other = await start('power');
    for (const runId of ['r2', 'r1']) await other.publish(subjects.dead('acme', 'quarantine', runId), '{}');
    await other.publish(subjects.dead('acme', 'orchestrator', '5-x'), '{}');
    const { healthy, problems } = await diagnose(other.settings).finally(() => other.stop());
    expect({ healthy, problems }).toMatchObject({ healthy: true, problems: [{ level: 'warning', code: 'doctor.run-quarantined', message: expect.stringContaining('2 runs is at fault: acme/r1, acme/r2') }] });
  });

  it('says so when the broker is less durable than it is meant to be', async () => {
    const quick = await start('process');
    const { healthy, durability, problems } = await diagnose(quick.settings).finally(() => quick.stop());
    expect({ healthy, durability, problems }).toMatchObject({ healthy: false, durability: 'process', problems: [{ code: 'doctor.durability', remedy: expect.stringContaining('sync_interval: always') }] });
  });

  it('says that it cannot tell where the broker does not let its status out', async () => {
    const silent = await start('power', (text) => text.replace(/\n {2}SYS: \{\n[\s\S]*?\n {2}\}/, '').replace(/^.*account: SYS.*$/gm, (line) => line.replace(/\{ service: \{ account: SYS[^}]*\} \}/g, '')).replace('system_account: SYS', ''));
    const { healthy, durability, problems } = await diagnose(silent.settings).finally(() => silent.stop());
    expect({ healthy, durability, problems }).toMatchObject({ healthy: true, durability: 'unknown', problems: [{ level: 'warning', code: 'doctor.durability-unknown' }] });
  });

  it('finds other numbers of partitions, more and fewer', async () => {
    expect(await codes({ partitions: 1, seeds: {} })).toEqual(expect.arrayContaining(['doctor.partitions', 'doctor.record']));
    expect(await codes({ partitions: 4, seeds: {} })).toEqual(expect.arrayContaining(['doctor.partitions', 'doctor.record', 'doctor.stream-missing', 'doctor.consumer-missing']));
  });

  it('names the setting of a stream that somebody changed, and the installer refuses to go on or to overwrite it', async () => {
    const { config } = await subject.manager.streams.info('EFFECTS');
    await subject.manager.streams.update('EFFECTS', { ...config, max_age: 3_600_000_000_000 });
    const { problems } = await diagnose(subject.settings);
    const refusal = await install(subject.settings).catch((error: unknown) => error);
    const after = await subject.manager.streams.info('EFFECTS');
    await subject.manager.streams.update('EFFECTS', config);

    expect(problems).toMatchObject([{ code: 'doctor.stream-drifted', message: expect.stringContaining('max_age is 3600000000000 and should be 0') }]);
    expect(refusal).toMatchObject({ code: 'install.drifted', message: expect.stringContaining('max_age') });
    expect(after.config.max_age).toBe(3_600_000_000_000);
    expect(await codes()).toEqual([]);
  });

  it('finds a stream and a consumer that are gone, and nothing more once the installer has run', async () => {
    await subject.manager.consumers.delete('LOG-0', 'planner');
    await subject.manager.streams.delete('DEAD');
    expect(await codes({ seeds: {} })).toEqual(['doctor.stream-missing', 'doctor.consumer-missing']);
    await install(subject.settings);
    expect(await codes()).toEqual([]);
  });

  it('tells of a stream of an earlier release that holds the timers of all partitions, and the installer makes nothing beside it', async () => {
    const streams = ['TIMERS-0', 'TIMERS-1'];
    for (const stream of streams) await subject.manager.streams.delete(stream);
    await subject.manager.streams.add({ name: 'TIMERS', subjects: ['timer.set.>', 'timer.due.>'] });
    const refusal = await install(subject.settings).catch((error: unknown) => error);
    const present = await subject.manager.streams.names().next();
    const { problems } = await diagnose({ ...subject.settings, seeds: {} });
    await subject.manager.streams.delete('TIMERS');
    const { created } = await install(subject.settings);

    expect(refusal).toMatchObject({ code: 'install.retired-stream', retryable: false, remedy: expect.stringMatching(/delete the stream TIMERS.*rebuild\.js/) });
    expect(present).toEqual(expect.not.arrayContaining(streams));
    expect(problems).toContainEqual(expect.objectContaining({ level: 'wrong', code: 'doctor.stream-retired', remedy: expect.stringContaining('rebuild.js') }));
    expect(created).toEqual(streams);
    expect(await codes()).toEqual([]);
  });

  it('tries the permissions of every role whose seed it has', async () => {
    const stranger = createIdentities();
    const { problems } = await diagnose({ ...subject.settings, seeds: { planner: stranger.planner.seed, evals: identities.evals.seed } });
    expect(problems).toMatchObject([{ code: 'doctor.permission', message: expect.stringContaining('planner') }]);
    // A broker whose configuration is of fewer partitions than this one asks for lets nobody read the others.
    expect(await codes({ partitions: 3 })).toEqual(expect.arrayContaining(['doctor.permission']));
  });
});
