import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { BusDataKeyStore, DataKeys, MasterKeys, newMasterKey } from '@holdfast/data-keys';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import type { RecordedCommit } from '@holdfast/contracts';
import { JetStreamEventLog, verifyLog } from '../index.js';
import { SECRET_WORDS, SUBJECT, draftOf, writeRun } from './encryption.fixture.js';

const PARTITIONS = 2;
const key = { tenant: 'acme', runId: 'r1' };
const large = { tenant: 'acme', runId: 'large' };

let broker: TestBroker;
let buses: Bus[];
const masters = MasterKeys.parse(newMasterKey());
const open = async (role: 'orchestrator' | 'gateway') => {
  const bus = await Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: `contract-encryption-${role}` });
  buses.push(bus);
  const keys = new DataKeys(new BusDataKeyStore(bus), masters);
  return { bus, keys, log: new JetStreamEventLog(bus, PARTITIONS, undefined, { payloadBytes: 4_000 }, keys) };
};

beforeAll(async () => {
  buses = [];
  broker = await startTestBroker({ partitions: PARTITIONS });
});
afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.close()));
  await broker.stop();
});

/** The files of the broker that hold these words, in clear or in base64 at any offset. */
function filesWith(words: string): string {
  const forms = [words, ...[0, 1, 2].map((offset) => Buffer.from(' '.repeat(offset) + words).toString('base64').slice(4, -8))];
  return execFileSync('sh', ['-c', `grep -rlaF ${forms.map((form) => `-e '${form}'`).join(' ')} ${broker.storeDirectory} || true`], { encoding: 'utf8' });
}

describe('runs about a data subject on a real broker', () => {
  it('are read by others who hold the master key, and the broker has nothing of what they say', async () => {
    const [writer, reader] = [await open('orchestrator'), await open('gateway')];
    const seen: RecordedCommit[] = [];
    const subscription = reader.log.follow([], (recorded) => seen.push(recorded));
    const written = await writeRun(writer.log, key, 7, await writer.keys.begin(key, SUBJECT));
    const first = await writer.log.append(large, draftOf(1, await writer.keys.begin(large, SUBJECT), { checkpoint: { knows: SECRET_WORDS.repeat(500) } }), undefined);
    expect(first.status).toBe('appended');
    expect(await reader.log.readRun(key)).toEqual(written);
    expect((await reader.log.readTail(large)).checkpoint?.state).toEqual({ knows: SECRET_WORDS.repeat(500) });
    await subscription.caughtUp();
    subscription.stop();
    expect(seen.filter(({ commit }) => commit.runId === 'r1')).toEqual(written);
    expect(await writer.bus.getBatch('PAYLOADS', 1, 10)).toHaveLength(1);
    expect(filesWith(SECRET_WORDS)).toBe('');
    // What is in clear would have been found.
    await writer.log.append({ tenant: 'acme', runId: 'nobody' }, { ...draftOf(2), events: [{ type: 'run-paused', by: 'ada', reason: 'the plain words of a run about nobody' }] }, undefined);
    expect(filesWith('the plain words of a run about nobody')).toContain('LOG-');
  });

  it('can be checked after an erasure, by whoever has no key, and read by nobody, also not with the master key', async () => {
    const [eraser, reader, auditor] = [await open('orchestrator'), await open('gateway'), await open('gateway')];
    expect(JSON.stringify(await reader.log.readRun(key))).toContain('Mustermann');
    const withoutKeys = new JetStreamEventLog(auditor.bus, PARTITIONS);
    const before = await verifyLog(withoutKeys);
    expect(before).toMatchObject({ holds: true, commits: 9 });
    const told = new Promise((resolve) => reader.log.onErased(resolve));
    const answer = await reader.bus.publish(`erasure.acme.${SUBJECT}`, JSON.stringify({ at: Date.now(), by: 'ada', reason: 'asked for' }));
    if (answer.status !== 'stored') throw new Error(answer.status);
    expect(await eraser.keys.eraseBefore('acme', SUBJECT, answer.sequence)).toEqual([0]);
    await told;
    for (const { log } of [reader, eraser, await open('gateway')]) {
      const outline = await log.readRun(key);
      expect(outline.map(({ commit }) => commit.events[0]?.type)).toEqual(Array.from({ length: 7 }, () => 'content-erased'));
      expect((await log.readRun(large))[0]?.commit.events[0]?.type).toBe('content-erased');
    }
    expect(await verifyLog(withoutKeys)).toEqual(before);
    const again = await eraser.keys.begin({ tenant: 'acme', runId: 'r2' }, SUBJECT);
    expect(again.generation).toBe(answer.sequence);
    const [begun] = await writeRun(eraser.log, { tenant: 'acme', runId: 'r2' }, 1, again);
    expect((await reader.log.readRun({ tenant: 'acme', runId: 'r2' }))[0]).toEqual(begun);
  });
});
