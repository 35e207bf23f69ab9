import { execFile } from 'node:child_process';
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REPOSITORY } from '@holdfast/deploy';
import { endOf, startScenario, until, type Scenario } from './installation.fixture.js';

/** The runbook's exchange of permit keys (docs/runbooks/permits.md), step by step, on real processes that go on calling tools meanwhile. */
describe('permit keys', () => {
  let scenario: Scenario;
  let secrets: string;
  let seats: string;

  beforeAll(async () => {
    scenario = await startScenario('waiting', 2, async (directory) => {
      [secrets, seats] = [join(directory.path, 'secrets'), join(directory.path, 'seats')];
      return { SEATS_FILE: seats };
    });
  });
  afterAll(() => scenario?.stop());

  const log = (service: string): Promise<string> => readFile(join(scenario.directory.path, 'logs', `${service}.log`), 'utf8');
  /** How often a service has said something. */
  const said = async (service: string, words: string): Promise<number> => (await log(service)).split(words).length - 1;
  /** As a mounted secret is exchanged: whole, or not at all. */
  const replace = async (file: string, text: string): Promise<void> => {
    await writeFile(`${file}.next`, text, { mode: 0o600 });
    await rename(`${file}.next`, file);
  };
  const holdfast = (...words: readonly string[]): Promise<unknown> => promisify(execFile)(process.execPath, [join(REPOSITORY, 'apps/cli/dist/main.js'), ...words], { env: {} });
  const begin = (id: string, seatNames: readonly string[]): Promise<unknown> =>
    scenario.publisher.publish({ specversion: '1.0', id, source: '/scenario', type: 'com.example.lead', data: { goal: 'Follow the script.', script: seatNames.map((seat) => ['reserve', { seat }]) } } as never);

  it('are exchanged as the runbook says while calls are out, and not one call fails; afterwards the old key is worth nothing', async () => {
    const [publicFile, privateFile] = [join(secrets, 'permit.pub'), join(secrets, 'permit.key')];
    const oldPrivate = await readFile(privateFile, 'utf8');
    const begun: string[] = [];
    let isOver = false;
    // Two runs at a time until the exchange is over: services look at their files while there is work.
    const traffic = Promise.all(['a', 'b'].map(async (lane) => {
      for (let count = 0; !isOver; count += 1) {
        const id = `${lane}${count}`;
        begun.push(id);
        await begin(id, [`${id}x`, `${id}y`, `${id}z`]);
        await endOf(scenario.gateway, id);
      }
    }));
    const says = (service: string, words: string, times: number): Promise<true> => until(`${service} to say "${words}"`, async () => ((await said(service, words)) >= times ? true : undefined));
    const [verifies, signs] = ['permits are verified with other keys from now on', 'permits are signed with another key from now on'];
    try {
      // 1. Make a key.
      const file = (name: string): string => join(secrets, name);
      await copyFile(publicFile, file('old.pem'));
      await holdfast('keys', 'new', file('next'));
      // 2. Give the adapters both. The stack began with a key in PEM.
      await holdfast('keys', 'set', file('both.json'), file('old.pem'), file('next.public.json'));
      await replace(publicFile, await readFile(file('both.json'), 'utf8'));
      await says('tool-adapters', verifies, 1);
      // 3. Policy signs with the new one.
      await replace(privateFile, await readFile(file('next.private.pem'), 'utf8'));
      await says('policy', signs, 1);
      // 4. The old one goes once no permit of it is out: the runs that were begun under it have ended.
      for (const id of [...begun]) await endOf(scenario.gateway, id);
      await replace(publicFile, await readFile(file('next.public.json'), 'utf8'));
      await says('tool-adapters', verifies, 2);
    } finally {
      isOver = true;
      await traffic;
    }
    const runs = await Promise.all(begun.map((id) => endOf(scenario.gateway, id)));
    expect(runs.map(({ status }) => status)).toEqual(begun.map(() => 'completed'));
    expect(runs.flatMap(({ stepsTaken }) => stepsTaken.flatMap(({ calls }) => calls.map(({ status }) => status))).filter((status) => status !== 'succeeded')).toEqual([]);
    const reserved = (await readFile(seats, 'utf8')).trim().split('\n');
    expect(reserved.toSorted()).toEqual(begun.flatMap((id) => ['x', 'y', 'z'].map((seat) => `reserve ${id}${seat}`)).toSorted());
    expect(await said('tool-adapters', 'a permit was refused')).toBe(0);

    await replace(privateFile, oldPrivate);
    // Policy looks at its file when it is asked.
    await until('policy to sign with the old key again', async () => {
      await begin(`asks ${Date.now()}`, ['asked']);
      return (await said('policy', signs)) >= 2 ? true : undefined;
    });
    await begin('under the old key', ['refused']);
    await endOf(scenario.gateway, 'under the old key');
    expect(await readFile(seats, 'utf8')).not.toContain('reserve refused');
    expect(await log('tool-adapters')).toContain('permit.forged');
  });
});
