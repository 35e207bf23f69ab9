import { describe, expect, it } from '@jest/globals';
import { HoldfastError, subjects, type FactOf, type RunKey } from '@holdfast/contracts';
import { DataKeys, MasterKeys, MemoryDataKeyStore, newMasterKey } from '@holdfast/data-keys';
import { InMemoryEventLog, verifyLog } from '@holdfast/event-log';
import { createLogger } from '@holdfast/observability';
import { fold, initialState, isErased } from '@holdfast/run';
import { TroubledLog, control, key, orchestrator, plan, signal, succeeded, task, tool } from '../runs/processor.fixture.js';
import { carryOutErasure } from './carry-out-erasure.js';

const SUBJECT = 'customer-7';
const SECRET_WORDS = 'Erika Mustermann, 12 Heidestrasse';
const about: FactOf<'task'> = { ...task, event: { ...task.event, datasubject: SUBJECT, data: { goal: SECRET_WORDS } } };
const nextTask: FactOf<'task'> = { ...about, id: 'task:2', event: { ...about.event, id: '2' } };
const later: RunKey = { ...key, runId: 'run-2' };

function installation() {
  const store = new MemoryDataKeyStore();
  const masters = MasterKeys.parse(newMasterKey());
  const keys = new DataKeys(store, masters, () => 1, 0);
  const stored = new InMemoryEventLog(2, undefined, undefined, keys);
  const log = new TroubledLog(stored);
  const means = { memory: 'up' as 'up' | 'down', now: 1_000, asked: 0 };
  const open = () => {
    const { processor, processAll } = orchestrator(log, undefined, undefined, undefined, undefined, keys);
    const erase = async (generation: number, at = means.now) => carryOutErasure({
      log, processor, dataKeys: keys, logger: createLogger({ service: 'orchestrator', level: 'silent' }), clock: () => means.now,
      bus: {
        request: async () => {
          means.asked += 1;
          // What memory has to read from the log can still be read when it is asked.
          if (means.memory === 'down') throw new HoldfastError({ code: 'bus.unanswered', message: 'Nobody answered.', retryable: true, remedy: 'Wait.' });
          return { documents: 0, turns: 0 } as never;
        },
      },
    }, { subject: subjects.erasure('acme', SUBJECT), data: new TextEncoder().encode(JSON.stringify({ at, by: 'ada', reason: 'asked for' })), sequence: generation, deliveries: 1 });
    return { processor, processAll, erase };
  };
  const stateOf = async (run: RunKey) => fold((await log.readRun(run)).map(({ commit }) => commit), initialState);
  const text = async (): Promise<string> => (await Promise.all([0, 1].map((partition) => stored.readStored(partition, 1, 100)))).flat().map(({ data }) => new TextDecoder().decode(data)).join('\n');
  return { store, keys, log, stored, means, open, stateOf, text, order: () => store.order('acme', SUBJECT) };
}

describe('a run about a data subject', () => {
  it('goes on in another process that has only the log and the keys', async () => {
    const { open, stateOf, text } = installation();
    await open().processAll(about, plan(1, ['lookup']));
    expect(await open().processAll(tool('c1-1'))).toEqual(['committed']);
    expect(await open().processAll(plan(3, []))).toEqual(['committed']);
    expect(await stateOf(key)).toMatchObject({ phase: 'ended', status: 'completed', answer: 'done', task: { goal: SECRET_WORDS } });
    expect(await text()).not.toContain('Mustermann');
    expect(await text()).toContain('"format":4');
  });

  it('does not begin where there are no keys, and nothing of it is written', async () => {
    const { log, text } = installation();
    await expect(orchestrator(log).processor.process(key, about)).rejects.toMatchObject({ code: 'log.key-required' });
    expect(await text()).toBe('');
  });
});

describe('an order to erase', () => {
  it('ends the runs of its subject before their key goes, and then nobody can read them', async () => {
    const { open, order, stateOf, stored, log, text } = installation();
    await open().processAll(about);
    expect(await open().erase(order())).toBe('done');
    expect(log.happened).toEqual(['appended plan', 'appended end']);
    expect(await verifyLog(stored)).toMatchObject({ holds: true, commits: 2 });
    expect(isErased(await stateOf(key))).toBe(true);
    expect(JSON.stringify(await log.readRun(key))).not.toContain('Mustermann');
    expect(await text()).not.toContain('Mustermann');
  });

  it('waits for a call that is out, so that what it did is known, and not for ever', async () => {
    const { open, order, stateOf, means } = installation();
    await open().processAll(about, plan(1, ['pay']));
    const generation = order();
    expect(await open().erase(generation)).toEqual({ againAfterMs: 250 });
    expect(await open().erase(generation)).toEqual({ againAfterMs: 250 });
    expect(await stateOf(key)).toMatchObject({ winding: { status: 'cancelled' }, task: { goal: SECRET_WORDS } });
    expect(means.asked).toBe(0);
    await open().processAll(tool('c1-1', succeeded));
    expect(await open().erase(generation)).toBe('done');
    expect(isErased(await stateOf(key))).toBe(true);
  });

  it('takes the key of a run that does not end in time, and whatever comes for it later changes nothing', async () => {
    const { open, order, stateOf, means, log } = installation();
    await open().processAll(about, plan(1, ['pay']));
    const generation = order();
    const at = means.now;
    await open().erase(generation, at);
    means.now += 300_001;
    expect(await open().erase(generation, at)).toBe('done');
    const commits = (await log.readRun(key)).length;
    expect(await open().processAll(tool('c1-1', succeeded), plan(1, []), signal('s'), control('abort'), about)).toEqual(['stale', 'duplicate', 'stale', 'stale', 'duplicate']);
    expect(await log.readRun(key)).toHaveLength(commits);
    expect(isErased(await stateOf(key))).toBe(true);
  });

  it('leaves a process that still has the run in memory nothing to write with', async () => {
    const { open, order, means, log } = installation();
    const worker = open();
    await worker.processAll(about, plan(1, ['pay']));
    means.now += 300_001;
    await open().erase(order(), 0);
    expect(await worker.processAll(tool('c1-1', succeeded))).toEqual(['stale']);
    expect(JSON.stringify(await log.readRun(key))).not.toContain('Mustermann');
  });

  it('keeps the keys while memory, which may have to read the log, has not done its part', async () => {
    const { open, order, stateOf, means } = installation();
    await open().processAll(about);
    means.memory = 'down';
    const generation = order();
    expect(await open().erase(generation)).toEqual({ againAfterMs: 250 });
    expect(await stateOf(key)).toMatchObject({ status: 'cancelled', task: { goal: SECRET_WORDS } });
    means.memory = 'up';
    expect(await open().erase(generation)).toBe('done');
    expect(isErased(await stateOf(key))).toBe(true);
  });

  it('that comes twice, or to another after a crash at any step, ends the same', async () => {
    for (let dies = 0; dies < 5; dies += 1) {
      const { open, order, stateOf, store, keys, stored } = installation();
      await open().processAll(about);
      const generation = order();
      let steps = 0;
      const mortal = <A extends unknown[], R>(step: (...given: A) => Promise<R>) => async (...given: A): Promise<R> => {
        if ((steps += 1) > dies) throw new Error('killed');
        return step(...given);
      };
      const whole = { runs: store.runs.bind(store), generations: store.generations.bind(store), erase: store.erase.bind(store), read: store.read.bind(store) };
      Object.assign(store, { runs: mortal(whole.runs), generations: mortal(whole.generations), erase: mortal(whole.erase) });
      await open().erase(generation).catch(() => undefined);
      Object.assign(store, whole);
      expect(await open().erase(generation)).toBe('done');
      expect(await open().erase(generation)).toBe('done');
      expect(isErased(await stateOf(key))).toBe(true);
      expect(await keys.isErasedBefore('acme', SUBJECT, generation)).toBe(true);
      expect(await verifyLog(stored)).toMatchObject({ holds: true, commits: 2 });
    }
  });

  it('for somebody whom no run is about, or that nobody can understand, is done at once', async () => {
    const { open, order, means } = installation();
    expect(await open().erase(order())).toBe('done');
    expect(means.asked).toBe(1);
  });

  it('leaves what comes later alone, whose key is its own', async () => {
    const { open, order, stateOf, log } = installation();
    await open().processAll(about);
    const generation = order();
    await open().processor.process(later, nextTask);
    expect(await open().erase(generation)).toBe('done');
    expect(isErased(await stateOf(key))).toBe(true);
    expect(await stateOf(later)).toMatchObject({ phase: 'planning', task: { goal: SECRET_WORDS } });
    expect((await log.readRun(later))[0]?.commit.encryption?.key.generation).toBe(generation);
    const second = order();
    expect(await open().erase(second)).toBe('done');
    expect(isErased(await stateOf(later))).toBe(true);
  });

  it('whose run was noted and never began waits for nothing', async () => {
    const { open, order, keys } = installation();
    await keys.begin(key, SUBJECT);
    expect(await open().erase(order())).toBe('done');
  });
});
