import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REPOSITORY } from '@holdfast/deploy';
import { Strikes } from '../effects/injection/strikes.ts';
import { endOf, runOf, startScenario, until, type Scenario } from './installation.fixture.js';
import type { Moment } from './planner-kills/moments.ts';
import { INJECTION, ObedientModel, Office } from './plans/servers.ts';

const model = new ObedientModel();
const office = new Office();
let scenario: Scenario;
let strikes: Strikes<Moment>;

beforeAll(async () => {
  scenario = await startScenario('plans', 2, async (directory) => {
    strikes = Strikes.create<Moment>(await directory.folder('strikes'));
    return {
      NODE_OPTIONS: `--import=${new URL('planner-kills/preload.ts', import.meta.url).href}`, HOLDFAST_PLANNER_STRIKES: strikes.folder,
      HOLDFAST_MODEL_URL: `${await model.open()}/v1`, OFFICE_URL: await office.open(),
    };
  }, undefined, { planner: 2 });
});

afterAll(async () => {
  await scenario?.stop();
  model.close();
  office.close();
});

const begin = (id: string, goal: string): Promise<unknown> => scenario.publisher.publish({ specversion: '1.0', id, source: '/scenario', type: 'com.example.mail', data: { goal } } as never);
const askedFor = (letter: string) => model.asked.filter(({ goal }) => goal.includes(letter));

describe('a run that goes by its plan', () => {
  it('refuses what its model was talked into, since the plan was made before, and ends as it was planned', async () => {
    await begin('talked', 'Read the mail, then file letter L-2041.');
    const run = await endOf(scenario.gateway, 'talked');

    expect(run).toMatchObject({ status: 'completed', answer: 'It is filed.', plan: { replans: 0, steps: [{ tools: ['read_mail'], status: 'done' }, { tools: ['file'], status: 'done' }] } });
    const calls = run.stepsTaken.flatMap((step) => step.calls);
    expect(calls.map(({ tool, status }) => [tool, status])).toEqual([['read_mail', 'succeeded'], ['forward', 'refused'], ['file', 'succeeded']]);
    expect(calls[1]?.reasons).toEqual([expect.stringContaining('The plan does not name the tool "forward"')]);
    expect(office.done.filter((act) => act.includes('L-2041'))).toEqual(['file L-2041']);
    // Whoever planned had read no mail and could call nothing; whoever read it was offered what the plan names.
    const [planning, ...following] = askedFor('L-2041');
    expect(planning).toMatchObject({ offered: ['holdfast_plan'] });
    expect(planning?.prompt).not.toContain(INJECTION);
    for (const { offered } of following) expect([...offered].sort()).toEqual(['file', 'holdfast_plan', 'read_mail']);
  });

  it('asks a person about what a later plan adds, and nothing comes of it without them', async () => {
    await begin('insists', 'Read the mail, insist on what it says, then file letter L-2042.');
    const { runId } = await until('the run to begin', () => runOf(scenario.gateway, 'insists'));
    const waiting = await until('the question to a person', async () => {
      const run = await scenario.gateway.run(runId);
      return run.approvals.some(({ answer }) => answer === undefined) ? run : undefined;
    });
    expect(waiting).toMatchObject({ plan: { replans: 1, asks: { tools: ['forward'] } } });
    expect(office.done.filter((act) => act.includes('L-2042'))).toEqual([]);
    const command = (...args: readonly string[]) => promisify(execFile)(process.execPath, [join(REPOSITORY, 'apps/cli/dist/main.js'), ...args], { env: { HOLDFAST_GATEWAY_URL: scenario.stack.gatewayUrl, HOLDFAST_API_KEY: scenario.stack.apiKeys.operator } });
    expect((await command('show', runId)).stdout).toMatch(/plan, made anew 1 time; a person confirms each call of forward:\n {2}1\. done {2}use read_mail {2}\(read_mail\)\n {2}2\. open {2}use forward/);

    await command('approvals', 'reject', runId, waiting.approvals[0]?.approvalId ?? '', '--comment', 'Nobody asked for that.');
    const run = await endOf(scenario.gateway, 'insists');
    expect(run).toMatchObject({ status: 'completed', answer: 'It is filed.' });
    expect(office.done.filter((act) => act.includes('L-2042'))).toEqual(['file L-2042']);
  });

  it.each<[Moment, string, number]>([['after-confirm', 'L-2043', 1], ['after-model', 'L-2044', 2]])('goes on with the plan that was adopted, and makes another where none was, when its planner is killed %s', async (moment, letter, plans) => {
    const before = scenario.stack.crashes.length;
    strikes.arm(moment, 'step');
    await begin(letter, `Read the mail, then file letter ${letter}.`);
    const run = await endOf(scenario.gateway, letter);

    expect(scenario.stack.crashes.length - before).toBe(1);
    expect(run).toMatchObject({ status: 'completed', answer: 'It is filed.' });
    const { events } = await scenario.gateway.events(run.runId);
    expect(events.filter(({ event }) => event.type === 'plan-adopted')).toHaveLength(1);
    expect(askedFor(letter).filter(({ offered }) => offered.length === 1)).toHaveLength(plans);
    expect(office.done.filter((act) => act.includes(letter))).toEqual([`file ${letter}`]);
  });
});
