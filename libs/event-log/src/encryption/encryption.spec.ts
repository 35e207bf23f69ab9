import { describe, expect, it } from '@jest/globals';
import { DataKeys } from '@holdfast/data-keys';
import type { RecordedCommit } from '@holdfast/contracts';
import { CachedRunReader, InMemoryEventLog, RunProjections, findBreak, verifyLog, type CommitMessage } from '../index.js';
import { SECRET_WORDS, SUBJECT, draftOf, keyInstallation, writeRun } from './encryption.fixture.js';

const key = { tenant: 'acme', runId: 'r1' };
const textOf = (messages: readonly CommitMessage[]): string => messages.map(({ data }) => new TextDecoder().decode(data)).join('\n');

async function installation(payloadBytes?: number, maximumPayload?: number) {
  const { store, open } = keyInstallation();
  const keys = open();
  const log = new InMemoryEventLog(1, payloadBytes, maximumPayload, keys);
  const name = await keys.begin(key, SUBJECT);
  const erase = async (): Promise<void> => void (await open().eraseBefore('acme', SUBJECT, store.order('acme', SUBJECT)));
  return { store, open, keys, log, name, erase };
}

describe('a run about a data subject', () => {
  it('is read as it was written, and nothing that it says is in what is stored', async () => {
    const { log, name } = await installation();
    const written = await writeRun(log, key, 7, name);
    expect(await log.readRun(key)).toEqual(written);
    expect(written.map(({ commit }) => commit.events)).toEqual(Array.from({ length: 7 }, (_, index) => draftOf(index + 1).events));
    const stored = textOf(await log.readStored(0, 1, 100));
    expect(stored).not.toContain('Mustermann');
    expect(stored).not.toContain(Buffer.from(SECRET_WORDS).toString('base64').slice(2, -4));
    expect(stored).toContain('run-paused');
    expect(findBreak(written)).toBeUndefined();
    expect(await verifyLog(log)).toMatchObject({ holds: true, commits: 7 });
    expect((await log.readTail(key)).checkpoint).toMatchObject({ number: 6, state: { knows: SECRET_WORDS } });
  });

  it.each([['a payload', 600, 100_000, 2], ['many payloads', 600, 4_000, 30]])('keeps what is too large for the log in %s, encrypted as well', async (_, payloadBytes, maximumPayload, repeats) => {
    const { log, name } = await installation(payloadBytes, maximumPayload);
    const reason = `${SECRET_WORDS} `.repeat(repeats * 10);
    const first = await log.append(key, draftOf(1, name), undefined);
    if (first.status !== 'appended') throw new Error(first.status);
    const second = await log.append(key, draftOf(2, undefined, { events: [{ type: 'run-paused', by: 'ada', reason }] }), first.recorded);
    expect((await log.readRun(key))[1]?.commit.events).toEqual([{ type: 'run-paused', by: 'ada', reason }]);
    expect(second).toMatchObject({ status: 'appended' });
    expect(JSON.stringify([...(log as unknown as { payloads: Map<string, Uint8Array> }).payloads.values()].map((data) => new TextDecoder().decode(data)))).not.toContain('Mustermann');
    expect(await verifyLog(log)).toMatchObject({ holds: true });
  });

  it('can be checked and not be read once its key is gone, and folds to one that says nothing', async () => {
    const { log, name, erase, open } = await installation();
    const written = await writeRun(log, key, 7, name);
    const before = await verifyLog(log);
    await erase();
    expect(await verifyLog(log)).toEqual(before);
    const outline = await log.readRun(key);
    expect(JSON.stringify(outline)).not.toContain('Mustermann');
    expect(outline.map(({ commit: { events, number, route, cause, hash, pointers } }) => ({ events, number, route, cause, hash, pointers }))).toEqual(
      written.map(({ commit: { events, number, route, cause, hash, pointers } }) => ({ events: [{ type: 'content-erased', dataSubject: SUBJECT, types: events.map(({ type }) => type) }], number, route, cause, hash, pointers })),
    );
    expect(findBreak(outline)).toBeUndefined();
    expect((await log.readTail(key)).commits).toHaveLength(7);
    // The same file of master keys opens nothing, since there is nothing to be opened.
    const restarted = new InMemoryEventLog(1, undefined, undefined, open());
    await expect(restarted.decode((await log.readStored(0, 1, 1))[0] as CommitMessage)).resolves.toEqual(outline[0]);
  });

  it('takes nothing more once its key is gone', async () => {
    const { log, name, erase } = await installation();
    const written = await writeRun(log, key, 2, name);
    await erase();
    await expect(log.append(key, draftOf(3), written[1])).rejects.toMatchObject({ code: 'log.content-erased', retryable: false });
    expect(await log.readRun(key)).toHaveLength(2);
  });

  it('is not begun in clear by a writer who forgot its key, or who has no master key', async () => {
    const { log, name } = await installation();
    await expect(log.append(key, draftOf(1), undefined)).rejects.toMatchObject({ code: 'log.key-required' });
    await expect(new InMemoryEventLog(1).append(key, draftOf(1, name), undefined)).rejects.toMatchObject({ code: 'data-key.master-missing', retryable: true });
    const without = new InMemoryEventLog(1, undefined, undefined, new DataKeys(keyInstallation().store, undefined));
    await expect(without.append(key, draftOf(1, name), undefined)).rejects.toMatchObject({ code: 'data-key.master-missing' });
    expect(await log.readStored(0, 1, 10)).toEqual([]);
  });

  it('is never continued in clear, whatever its later drafts say', async () => {
    const { log, name } = await installation();
    const [first] = await writeRun(log, key, 1, name);
    await log.append(key, draftOf(2, undefined, { dataKey: undefined }), first);
    expect(textOf(await log.readStored(0, 1, 10)).match(/"format":4/g)).toHaveLength(2);
  });

  it('cannot be given what another place in it says', async () => {
    const { log, name } = await installation();
    await writeRun(log, key, 2, name);
    const [first, second] = (await log.readStored(0, 1, 2)).map(({ data }) => JSON.parse(new TextDecoder().decode(data)) as { commit: { encryption: object }; data: string });
    const moved = { ...second, commit: { ...second?.commit, encryption: first?.commit.encryption }, data: first?.data };
    await expect(log.decode({ subject: 'log.0.acme.r1.wait', sequence: 2, data: new TextEncoder().encode(JSON.stringify(moved)) })).rejects.toMatchObject({ code: 'log.corrupt', message: expect.stringContaining('for this place') });
    const altered = { ...second, data: first?.data };
    await expect(log.decode({ subject: 'log.0.acme.r1.wait', sequence: 2, data: new TextEncoder().encode(JSON.stringify(altered)) })).rejects.toMatchObject({ code: 'log.corrupt', message: expect.stringContaining('altered') });
  });

  it('and any altered byte of it is found without a key', async () => {
    const { log, name, erase } = await installation();
    await writeRun(log, key, 3, name);
    await erase();
    const stream = (log as unknown as { streams: { data: Uint8Array }[][] }).streams[0] ?? [];
    const form = JSON.parse(new TextDecoder().decode(stream[1]?.data)) as { commit: { encryption: { types: string[] } }; data: string };
    for (const changed of [{ ...form, data: `${form.data.startsWith('A') ? 'B' : 'A'}${form.data.slice(1)}` }, { ...form, commit: { ...form.commit, encryption: { ...form.commit.encryption, types: ['run-resumed'] } } }]) {
      stream[1] = { ...stream[1], data: new TextEncoder().encode(JSON.stringify(changed)) };
      expect(await verifyLog(log)).toMatchObject({ holds: false, findings: expect.arrayContaining([expect.objectContaining({ sequence: 2 })]) });
    }
  });
});

describe('whoever follows the log', () => {
  it('waits for a key that has to be fetched, and is given everything in order', async () => {
    const { open, store } = keyInstallation();
    const log = new InMemoryEventLog(1, undefined, undefined, open());
    const name = await open().begin(key, SUBJECT);
    const slow = store.read.bind(store);
    store.read = async (place) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return slow(place);
    };
    const seen: RecordedCommit[] = [];
    const subscription = log.follow([], (recorded) => seen.push(recorded));
    await writeRun(log, key, 3, name);
    await log.append({ tenant: 'acme', runId: 'r2' }, { ...draftOf(2), events: [{ type: 'run-paused', by: 'ada', reason: 'plain' }] }, undefined);
    await subscription.caughtUp();
    subscription.stop();
    expect(seen.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(seen[0]?.commit.events).toEqual(draftOf(1).events);
  });
});

describe('whoever remembers runs', () => {
  it('forgets what is erased', async () => {
    const { log, name, erase } = await installation();
    await writeRun(log, key, 3, name);
    const reader = new CachedRunReader(log);
    const projections = new RunProjections<string>(log, { initial: () => '', fold: (text, { commit }) => text + JSON.stringify(commit.events) });
    expect(JSON.stringify(await reader.read(key))).toContain('Mustermann');
    expect((await projections.latest(key)).value).toContain('Mustermann');
    await erase();
    expect(JSON.stringify(await reader.read(key))).not.toContain('Mustermann');
    expect((await projections.latest(key)).value).not.toContain('Mustermann');
  });
});

describe('a run about nobody', () => {
  it('is stored and hashed exactly as before there were keys', async () => {
    const draft = { at: 1, cause: { kind: 'test', id: 'f' }, route: 'wait', events: [{ type: 'run-paused', by: 'ada', reason: 'r' }] } as const;
    const { log } = await installation();
    const result = await log.append(key, { ...draft, events: [...draft.events] }, undefined);
    // Computed by the release before.
    expect(result).toMatchObject({ recorded: { commit: { hash: 'f7e0c7acfec3d515f17a2b711a80447b02cca404025a8cdaa07760cc84c3e802' } } });
    expect(textOf(await log.readStored(0, 1, 1))).toContain('"format":1');
  });
});
