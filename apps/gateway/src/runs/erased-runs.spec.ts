import { describe, expect, it } from '@jest/globals';
import { DataKeys, MasterKeys, MemoryDataKeyStore, newMasterKey } from '@holdfast/data-keys';
import { InMemoryEventLog } from '@holdfast/event-log';
import { verifyOne } from '../verification/verification.js';
import { explain } from '../why/why.js';
import { altered, damage } from './damaged-log.fixture.js';
import { tellRun } from './run-detail.js';
import { RunHistories } from './run-histories.js';
import { RunIndex } from './run-index.js';
import { accepted, key } from './run.fixture.js';

const GOAL = 'Pay what Erika Mustermann is owed.';
const silent = { error: (found: unknown) => { throw found; }, info: () => undefined };

/** A run about somebody that waits, as a gateway knows it, and how it is erased. */
async function erasable() {
  const store = new MemoryDataKeyStore();
  const keys = new DataKeys(store, MasterKeys.parse(newMasterKey()));
  const log = new InMemoryEventLog(1, undefined, undefined, keys);
  const begin = async (runId: string, dataSubject?: string): Promise<void> => {
    const dataKey = dataSubject === undefined ? undefined : await keys.begin(key(runId), dataSubject);
    const result = await log.append(key(runId), { at: 7, cause: { kind: 'task', id: runId }, route: 'plan', events: [accepted({ goal: GOAL, ...(dataSubject === undefined ? {} : { dataSubject }) })], dataKey }, undefined);
    if (result.status !== 'appended') throw new Error(result.status);
  };
  await begin('r1', 'customer-7');
  await begin('other', 'customer-8');
  await begin('nobody');
  const index = new RunIndex(log, 10, silent);
  await index.start();
  const erase = async (): Promise<void> => {
    await keys.eraseBefore('acme', 'customer-7', store.order('acme', 'customer-7'));
    await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { log, index, histories: new RunHistories(log), erase };
}

describe('a run that is erased', () => {
  it('is listed as that, and everybody else\'s as before', async () => {
    const { index, erase } = await erasable();
    expect(index.get(key('r1'))).toMatchObject({ status: 'running', goal: GOAL });
    await erase();
    expect(index.get(key('r1'))).toMatchObject({ status: 'erased', phase: 'ended', goal: '[erased]', reason: '[erased]', commits: 1, startedAt: 7 });
    expect(index.list('acme', { status: 'erased' }, 10).runs.map(({ runId }) => runId)).toEqual(['r1']);
    for (const run of ['other', 'nobody']) expect(index.get(key(run))).toMatchObject({ status: 'running', goal: GOAL });
    index.stop();
  });

  it('is told as that, with its outline, by whoever had read it before', async () => {
    const { histories, erase, index } = await erasable();
    expect(tellRun(await histories.read(key('r1'), 1))).toMatchObject({ status: 'running', goal: GOAL });
    await erase();
    const told = tellRun(await histories.read(key('r1'), 1));
    expect(told).toMatchObject({ status: 'erased', standing: 'ended', waitsFor: [], stepsTaken: [], task: { goal: '[erased]', dataSubject: 'customer-7' } });
    expect(JSON.stringify(told)).not.toContain('Mustermann');
    const outline = await histories.read(key('r1'));
    expect(() => explain(outline, { commit: 1 })).toThrow(expect.objectContaining({ code: 'run.erased' }) as never);
    index.stop();
  });

  it('is verified without its key, and what was altered of it is found', async () => {
    const { log, erase, index } = await erasable();
    await erase();
    expect(await verifyOne(log, key('r1'), undefined)).toMatchObject({ holds: true, erased: true, commits: 1, permits: { checked: 0, unchecked: 0 } });
    expect(await verifyOne(log, key('other'), undefined)).toMatchObject({ holds: true, erased: false });
    damage(log, key('r1'), altered(1, ({ commit }) => { (commit as { at: number }).at = 8; }));
    expect(await verifyOne(log, key('r1'), undefined)).toMatchObject({ holds: false, findings: [expect.objectContaining({ check: 'chain', commit: 1 })] });
    index.stop();
  });
});
