import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REPOSITORY } from '@holdfast/deploy';
import { Strikes } from '../effects/injection/strikes.ts';
import { endOf, runOf, startScenario, until, type Scenario } from './installation.fixture.js';
import { MOMENTS, type Moment } from './planner-kills/moments.ts';
import { Provider, Shop } from './planner-kills/servers.ts';
import { WatchedTokens } from './planner-kills/watched-tokens.ts';

/** Two planners, whose model and whose shop count for themselves. */
class Stage {
  readonly provider = new Provider();
  readonly shop = new Shop();
  scenario!: Scenario;
  strikes!: Strikes<Moment>;

  static async open(without?: string): Promise<Stage> {
    const stage = new Stage();
    stage.scenario = await startScenario('planner-kills', 2, async (directory) => {
      stage.strikes = Strikes.create<Moment>(await directory.folder('strikes'));
      return {
        NODE_OPTIONS: `--import=${new URL('planner-kills/preload.ts', import.meta.url).href}`, HOLDFAST_PLANNER_STRIKES: stage.strikes.folder,
        HOLDFAST_MODEL_URL: `${await stage.provider.open()}/v1`, SHOP_URL: await stage.shop.open(), ...(without === undefined ? {} : { HOLDFAST_PLANNER_WITHOUT: without }),
      };
    }, undefined, { planner: 2 });
    return stage;
  }

  async close(): Promise<void> {
    await this.scenario?.stop();
    this.provider.close();
    this.shop.close();
  }

  /** A run whose planner is killed at this moment of its first step, with what the servers counted. */
  async play(moment: Moment) {
    const { provider, scenario: { gateway, publisher, stack }, strikes } = this;
    const before = stack.crashes.length;
    const answer = Promise.withResolvers<void>();
    provider.handling.set(moment, { after: answer.promise, killsAsker: moment === 'during-model' });
    if (moment !== 'during-model') strikes.arm(moment, 'step');
    await publisher.publish({ specversion: '1.0', id: moment, source: '/scenario', type: 'com.example.order', data: { goal: moment } } as never);
    const { runId } = await until('the run to begin', () => runOf(gateway, moment));
    const tokens = await WatchedTokens.of(stack.gatewayUrl, stack.apiKeys.viewer, runId);
    const command = promisify(execFile)(process.execPath, [join(REPOSITORY, 'apps/cli/dist/main.js'), 'watch', runId], { env: { HOLDFAST_GATEWAY_URL: stack.gatewayUrl, HOLDFAST_API_KEY: stack.apiKeys.viewer } });
    let printed = '';
    command.child.stdout?.on('data', (text) => (printed += String(text)));
    await until('the model to be heard', async () => (tokens.hasWords && printed.includes('This is') ? true : undefined));
    const orchestratorIsAway = moment === 'after-record';
    if (orchestratorIsAway) await stack.kill('orchestrator');
    answer.resolve();
    await until('the planner to be gone', async () => (stack.crashes.length > before ? true : undefined));
    if (orchestratorIsAway) await stack.start('orchestrator');
    const run = await endOf(gateway, moment);
    const { events } = await gateway.events(run.runId);
    return {
      run, calls: provider.calls.get(moment), orders: this.shop.orders.filter((reference) => reference.startsWith(`${moment} `)), told: await tokens.told(), printed: (await command).stdout,
      decided: events.filter(({ event }) => event.type === 'decision-made').map(({ event }) => (event['proposal'] as { basis: number }).basis),
      deaths: stack.crashes.slice(before),
    };
  }
}

describe('a planner that is killed', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage?.close());

  /** How the first step looks to whoever watches: a takeover is a new beginning, unless the words that were heard are the answer. */
  const FIRST = ['started 1', 'This is the answer number 1 . '];
  const SECOND = ['started 2', 'This is the answer number 2 . ', 'ended 2'];
  const TOLD: Readonly<Record<Moment, readonly string[]>> = {
    'before-model': ['started 2', FIRST[1] ?? '', 'ended 2'], 'during-model': [...FIRST, ...SECOND], 'after-model': [...FIRST, ...SECOND],
    'after-record': [...FIRST, 'ended 1', 'ended 2'], 'after-send': [...FIRST, 'ended 1'], 'after-confirm': [...FIRST, 'ended 1'],
  };

  /** What the model was asked for one step, all in all: twice only where the answer died with the planner. */
  const CALLS: Readonly<Record<Moment, number>> = { 'before-model': 1, 'during-model': 2, 'after-model': 2, 'after-record': 1, 'after-send': 1, 'after-confirm': 1 };

  it.each(Object.entries(MOMENTS))('%s, has its step done by another, with one proposal and one effect', async (_, moment) => {
    const { run, calls, orders, decided, deaths, told, printed } = await stage.play(moment);

    expect(run.status).toBe('completed');
    expect({ deaths: deaths.length, calls, orders: orders.length }).toEqual({ deaths: 1, calls: CALLS[moment], orders: 1 });
    expect(decided).toEqual([...new Set(decided)]);
    expect(told.join('|')).toContain(TOLD[moment].join('|'));
    expect(printed).toMatch(/decision-made {2}order\n[^]*tool-returned {2}order {2}c1-1 {2}succeeded\n[^]*run-ended {2}completed/);
    expect(printed.includes('begins again, attempt 2')).toBe(CALLS[moment] === 2);
  });
});

describe('a planner that is killed after it recorded an answer that is not looked for', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open('recording');
  });
  afterAll(() => stage?.close());

  it('costs a second call of the model, which shows that the record is what saves it', async () => {
    const { calls, orders } = await stage.play('after-record');
    expect({ calls, orders: orders.length }).toEqual({ calls: 2, orders: 1 });
  });
});
