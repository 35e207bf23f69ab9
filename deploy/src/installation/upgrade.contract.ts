import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { EFFECTS_STREAM } from '@holdfast/contracts';
import { startBroker, type RunningBroker } from '../broker/index.js';
import { install } from './index.js';

describe('an installation from before tools had a retention', () => {
  let broker: RunningBroker;
  let directory: string;
  let connection: NatsConnection;
  let manager: JetStreamManager;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdfast-upgrade-'));
    broker = await startBroker({ directory, config: `jetstream { store_dir: "${join(directory, 'store')}" }\n` });
    connection = await connect({ servers: broker.url });
    manager = await jetstreamManager(connection);
    await manager.streams.add({ name: EFFECTS_STREAM, subjects: ['effects.>'], allow_direct: true, deny_delete: true, deny_purge: true });
    for (const record of ['claim', 'outcome']) for (const operation of ['a', 'b']) await connection.request(`effects.acme.pay.${operation}`, record);
  });
  afterAll(async () => {
    await connection.close();
    await broker.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const upgrade = () => install({ url: broker.url, partitions: 1, adapters: ['default'] });

  it('is told which settings of the ledger differ, and loses nothing', async () => {
    await expect(upgrade()).rejects.toMatchObject({ code: 'install.drifted', message: expect.stringMatching(/EFFECTS.*allow_msg_ttl.*max_msgs_per_subject is -1 and should be 1/) });
    expect((await manager.streams.info(EFFECTS_STREAM)).state.messages).toBe(4);
  });

  it('goes on once they are changed by hand, with the last record of each operation', async () => {
    await manager.streams.update(EFFECTS_STREAM, { allow_msg_ttl: true, max_msgs_per_subject: 1 });
    await upgrade();

    expect((await manager.streams.info(EFFECTS_STREAM)).state.messages).toBe(2);
    for (const operation of ['a', 'b']) expect((await manager.direct.getMessage(EFFECTS_STREAM, { last_by_subj: `effects.acme.pay.${operation}` }))?.string()).toBe('outcome');
  });
});
