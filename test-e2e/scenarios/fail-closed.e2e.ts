import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scrape } from '@holdfast/testing';
import { endOf, until, type Scenario } from './installation.fixture.js';
import { startSeats, type Seats } from './waiting/seats.fixture.js';

/** Policy on a real process, whose files are broken, which is killed, and which is slow: nothing passes, and everything goes on afterwards. */
let installed: Seats;
let scenario: Scenario;
let policies: string;
let seats: string;
let begin: Seats['begin'];

beforeAll(async () => {
  installed = await startSeats({}, { HOLDFAST_METRICS_PORT: '0' });
  ({ scenario, policies, seats, begin } = installed);
});
afterAll(() => installed?.stop());

const reserved = async (): Promise<readonly string[]> => (await readFile(seats, 'utf8').catch(() => '')).trim().split('\n').filter((line) => line !== '');
const log = (service: string): Promise<string> => readFile(join(scenario.directory.path, 'logs', `${service}.log`), 'utf8');
/** What Prometheus reads of a service: a metric's values, by all of its labels. */
const metric = async (service: string, name: string): Promise<Readonly<Record<string, number>>> => {
  const url = [...(await log(service)).matchAll(/"metrics":"([^"]+)"/g)].at(-1)?.[1] ?? '';
  return Object.fromEntries((await scrape(url)).filter((sample) => sample.name === name).map(({ labels, value }) => [Object.values(labels).join(' '), value]));
};
const says = (service: string, words: string): Promise<true> => until(`${service} to say "${words}"`, async () => ((await log(service)).includes(words) ? true : undefined));
/** Long enough for a run to have acted several times over. */
const ACTING_MS = 1_500;

describe('while policy cannot decide', () => {
  it('a policy file that is broken as it runs is refused with its line, and the last good ones stay in force', async () => {
    await writeFile(join(policies, 'more.cedar'), '@id("broken")\nforbid (principal, action, resource) when { context.nope };');
    await says('policy', 'the policies are refused as they are now');
    expect(await log('policy')).toMatch(/more\.cedar:2/);
    expect(await metric('policy', 'holdfast_policy_bundles_refused_total')).toEqual({ '': 1 });
    await begin('under the last good', [['reserve', { seat: 'a1' }]]);
    expect((await endOf(scenario.gateway, 'under the last good')).status).toBe('completed');
  });

  it('it does not start with broken files, runs wait, and go on when the files are mended', async () => {
    await scenario.stack.kill('policy');
    await expect(scenario.stack.start('policy')).rejects.toThrow();
    expect(await log('policy')).toMatch(/policy\.bad-file/);
    await begin('waits for policy', [['reserve', { seat: 'b1' }]]);
    // The planner is not told which tools it may show, so it does not even ask the model.
    await says('planner', 'no proposal yet');
    await sleep(ACTING_MS);
    expect(await reserved()).toEqual(['reserve a1']);
    await writeFile(join(policies, 'more.cedar'), '@id("no-c")\n@reason("Row c is closed.")\nforbid (principal, action == Action::"reserve", resource) when { context.input.seat like "c*" };');
    await scenario.stack.start('policy');
    expect((await endOf(scenario.gateway, 'waits for policy')).status).toBe('completed');
    expect(await reserved()).toEqual(['reserve a1', 'reserve b1']);
  });

  it('a rule that came with the mended files refuses with its reason, and a call of a tool that nobody knows is refused too', async () => {
    await begin('is refused', [['reserve', { seat: 'c1' }], ['teleport', { seat: 'c2' }]]);
    const run = await endOf(scenario.gateway, 'is refused');
    const calls = run.stepsTaken.flatMap((step) => step.calls).map(({ tool, status, reasons }) => [tool, status, reasons?.join(' ')]);
    expect(calls).toEqual([['reserve', 'refused', 'Row c is closed.'], ['teleport', 'refused', expect.stringContaining('no tool named')]]);
    expect(await metric('policy', 'holdfast_policy_decisions_total')).toMatchObject({ 'allow reserve': expect.any(Number), 'deny reserve': 1, 'deny _OTHER': 1 });
    expect(Object.values(await metric('policy', 'holdfast_policy_bundle'))).toEqual([1]);
    expect(Object.keys(await metric('gateway', 'target_info'))).toHaveLength(1);
  });

  it('and while it is slower than anybody waits, nothing passes either', async () => {
    const { pid } = scenario.stack.services['policy'] ?? {};
    if (pid === undefined) throw new Error('policy has no process');
    process.kill(pid, 'SIGSTOP');
    await begin('waits for a slow policy', [['reserve', { seat: 'd1' }]]);
    try {
      await sleep(ACTING_MS);
      expect(await reserved()).not.toContain('reserve d1');
      expect((await scenario.gateway.runs()).find((run) => run.taskId === 'waits for a slow policy')?.status ?? 'running').toBe('running');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect((await endOf(scenario.gateway, 'waits for a slow policy')).status).toBe('completed');
    expect(await reserved()).toContain('reserve d1');
  });
});
