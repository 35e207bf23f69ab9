import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { ZERO_HASH, partitionOf, subjects, type Account, type ClaimedCommit, type CommitPayload, type PayloadPart } from '@holdfast/contracts';
import { startBroker, type RunningBroker } from '../broker/index.js';
import { brokerConfig, createIdentities, install, removeOrphans } from './index.js';

const PARTITIONS = 2;
const HOUR_MS = 3_600_000;
const identities = createIdentities();
let broker: RunningBroker;
let directory: string;
let connection: NatsConnection;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-orphans-'));
  const publicKeys = Object.fromEntries(Object.entries(identities).map(([account, identity]) => [account, identity.publicKey])) as Record<Account, string>;
  broker = await startBroker({ directory, config: brokerConfig({ partitions: PARTITIONS, adapters: [], publicKeys, durability: 'process', storeDirectory: join(directory, 'store') }) });
  await install({ url: broker.url, seed: identities.CORE.seed, partitions: PARTITIONS, adapters: [] });
  connection = await connect({ servers: broker.url, authenticator: nkeyAuthenticator(new TextEncoder().encode(identities.CORE.seed)) });
});

afterAll(async () => {
  await connection.close();
  await broker.stop();
  await rm(directory, { recursive: true, force: true });
});

async function store(subject: string, value: unknown): Promise<void> {
  const answer = await connection.request(subject, JSON.stringify(value));
  expect(answer.json()).toMatchObject({ seq: expect.any(Number) });
}

async function storePayload(runId: string, number: number): Promise<{ readonly subject: string; readonly digest: string; readonly bytes: number }> {
  const payload: CommitPayload = { tenant: 'acme', runId, number, events: [{ type: 'timer-fired', timerId: 't' }] };
  const text = JSON.stringify(payload);
  const digest = createHash('sha256').update(text).digest('hex');
  await store(subjects.payload('acme', digest), payload);
  return { subject: subjects.payload('acme', digest), digest, bytes: text.length };
}

async function storeCommit(runId: string, number: number, payload: ClaimedCommit['payload']): Promise<void> {
  const key = { tenant: 'acme', runId };
  const claimed: ClaimedCommit = { format: 2, commit: { format: 1, ...key, number, previousHash: ZERO_HASH, at: 1, cause: { kind: 'test', id: `${number}` }, route: 'wait', pointers: [], hash: ZERO_HASH }, payload };
  await store(subjects.commit(partitionOf(key, PARTITIONS), key, 'wait'), claimed);
}

const collect = (now: number) => removeOrphans({ url: broker.url, seed: identities.CORE.seed, partitions: PARTITIONS, olderThanMs: HOUR_MS, now });

describe('the collection of payloads that were left behind', () => {
  it('removes those that no commit refers to, leaves all others, and does nothing the second time', async () => {
    const kept = await storePayload('whole', 1);
    await storeCommit('whole', 1, { digest: kept.digest, bytes: kept.bytes });
    const later = await storePayload('whole', 2);
    await storeCommit('whole', 2, { digest: later.digest, bytes: later.bytes });
    const lostRace = await storePayload('whole', 3);
    const crashed = await storePayload('never-began', 1);

    expect(await collect(Date.now())).toEqual({ checked: 0, removed: [] });
    const { checked, removed } = await collect(Date.now() + 2 * HOUR_MS);
    expect({ checked, removed: removed.map(({ subject }) => subject) }).toEqual({ checked: 4, removed: [lostRace.subject, crashed.subject] });
    expect(await collect(Date.now() + 2 * HOUR_MS)).toEqual({ checked: 2, removed: [] });
  });

  it('keeps every part of a divided content that a commit refers to, and removes the parts of any other', async () => {
    const storePart = async (runId: string, part: number): Promise<{ readonly subject: string; readonly digest: string }> => {
      const value: PayloadPart = { tenant: 'acme', runId, number: 1, part, data: 'eHl6' };
      const digest = createHash('sha256').update(JSON.stringify(value)).digest('hex');
      await store(subjects.payload('acme', digest), value);
      return { subject: subjects.payload('acme', digest), digest };
    };
    const [first, second, orphan] = [await storePart('divided', 1), await storePart('divided', 2), await storePart('divided', 3)];
    const key = { tenant: 'acme', runId: 'divided' };
    const claimed: ClaimedCommit = { format: 3, commit: { format: 1, ...key, number: 1, previousHash: ZERO_HASH, at: 1, cause: { kind: 'test', id: '1' }, route: 'wait', pointers: [], hash: ZERO_HASH }, payload: { digest: 'a'.repeat(64), bytes: 6, parts: [first.digest, second.digest] } };
    await store(subjects.commit(partitionOf(key, PARTITIONS), key, 'wait'), claimed);

    expect((await collect(Date.now() + 2 * HOUR_MS)).removed.map(({ subject }) => subject)).toEqual([orphan.subject]);
  });

  it('refuses an age at which a commit may still be on its way', async () => {
    await expect(removeOrphans({ url: broker.url, partitions: PARTITIONS, olderThanMs: 1_000, now: Date.now() })).rejects.toMatchObject({ code: 'orphans.age-too-short' });
  });
});
