import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identityOf } from '../../bootstrap/process-identity.mjs';
import { freePort } from '../process/index.js';
import { locateBroker } from './locate.js';
import { startBroker, type BrokerSettings, type RunningBroker } from './start.js';

describe('a broker of our own', () => {
  let folder: string;
  const running: RunningBroker[] = [];
  const connections: NatsConnection[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-broker-'));
  });
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await Promise.all(running.splice(0).map((broker) => broker.stop()));
    await rm(folder, { recursive: true });
  });

  async function start(name: string, settings: Partial<BrokerSettings> = {}): Promise<RunningBroker> {
    const directory = join(folder, name);
    const broker = await startBroker({ config: `jetstream { store_dir: ${JSON.stringify(join(directory, 'store'))}, sync_interval: always }`, directory, ...settings });
    running.push(broker);
    return broker;
  }
  async function open(broker: RunningBroker): Promise<NatsConnection> {
    const connection = await connect({ servers: broker.url });
    connections.push(connection);
    return connection;
  }

  it('is found, and found again in the same place', async () => {
    const first = await locateBroker();
    expect(await locateBroker()).toEqual({ ...first, source: first.source === 'wheel' || first.source === 'go' ? 'cache' : first.source });
  });

  it('keeps what it acknowledged over SIGKILL, on the same port', async () => {
    const broker = await start('one', { monitor: true });
    const before = await open(broker);
    await (await jetstreamManager(before)).streams.add({ name: 'KEPT', subjects: ['kept'] });
    await jetstream(before).publish('kept', 'a word');
    const { pid = 0 } = broker;
    await broker.kill();
    expect(identityOf(pid)).toBeUndefined();
    expect(broker.pid).toBeUndefined();
    await broker.restart();
    const message = await (await jetstreamManager(await open(broker))).streams.getMessage('KEPT', { seq: 1 });
    expect(message?.string()).toBe('a word');
    expect(broker.pid).not.toBe(pid);
    expect(await (await fetch(`http://127.0.0.1:${broker.monitorPort}/healthz`)).json()).toEqual({ status: 'ok' });
  });

  it('does not meet another beside it', async () => {
    const [one, other] = await Promise.all([start('one'), start('other')]);
    await (await jetstreamManager(await open(one))).streams.add({ name: 'MINE', subjects: ['mine'] });
    const seen = await (await jetstreamManager(await open(other))).streams.names().next();
    expect(seen).toEqual([]);
    expect(one.port).not.toBe(other.port);
  });

  it('says that a wanted port is taken, by a stranger or by a broker that would answer in its place', async () => {
    const port = await freePort();
    const stranger = createServer().listen(port, '127.0.0.1');
    await once(stranger, 'listening');
    await expect(start('one', { port })).rejects.toMatchObject({ code: 'broker.port_taken', retryable: true });
    stranger.close();
    const first = await start('first');
    await expect(start('second', { port: first.port })).rejects.toMatchObject({ code: 'broker.port_taken' });
  });

  it('shows the broker’s own words about an error in the configuration', async () => {
    await expect(start('one', { config: 'max_payload: many' })).rejects.toMatchObject({ code: 'broker.not_started', retryable: false, message: expect.stringContaining('broker.conf:1') });
  });

  it('does not take a file for a broker', async () => {
    const path = join(folder, 'no-program');
    await writeFile(path, 'text');
    await expect(start('one', { program: { path, version: '2.15.1', source: 'environment' } })).rejects.toMatchObject({ code: 'broker.not_started' });
  });
});
