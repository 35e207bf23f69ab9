import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REPOSITORY } from '@holdfast/deploy';
import { endOf, startScenario, type Scenario } from './installation.fixture.js';

/** More runs than their common budget allows, and the orchestrator that takes from it is killed while they ask. */
const SEATS = 5;
const RUNS = 12;
const KILLS = 3;
/** No window ends while the scenario runs. */
const YEAR_S = 31_536_000;

let scenario: Scenario;
let policies: string;
let seats: string;

beforeAll(async () => {
  policies = await mkdtemp(join(tmpdir(), 'holdfast-policies-'));
  await cp(join(REPOSITORY, 'test-e2e/scenarios/waiting/policies'), policies, { recursive: true });
  await writeFile(join(policies, 'budgets.json'), JSON.stringify({ limits: [{ id: 'seats', tools: ['reserve'], windowSeconds: YEAR_S, maxCalls: SEATS }] }));
  scenario = await startScenario('waiting', 2, async (directory) => {
    seats = join(directory.path, 'seats');
    return { SEATS_FILE: seats };
  }, policies);
}, 120_000);
afterAll(async () => {
  await scenario?.stop();
  await rm(policies, { recursive: true, force: true });
}, 60_000);

describe('runs that share a budget', () => {
  it('together do as much as it gives and no more, though the orchestrator is killed meanwhile', async () => {
    const ids = Array.from({ length: RUNS }, (_, at) => `run-${at}`);
    for (const [at, id] of ids.entries()) {
      const script = [['reserve', { seat: `seat-${at}` }]];
      await scenario.publisher.publish({ specversion: '1.0', id, source: '/scenario', type: 'com.example.lead', data: { goal: 'Follow the script.', script } } as never);
      if (at % Math.floor(RUNS / KILLS) !== 0) continue;
      await scenario.stack.kill('orchestrator');
      await scenario.stack.start('orchestrator');
    }
    const ends = await Promise.all(ids.map((id) => endOf(scenario.gateway, id)));
    const calls = ends.flatMap(({ stepsTaken }) => stepsTaken.flatMap((step) => step.calls));

    const reserved = (await readFile(seats, 'utf8')).trim().split('\n');
    expect([reserved.length, new Set(reserved).size]).toEqual([SEATS, SEATS]);
    expect(calls.map(({ status }) => status).sort()).toEqual([...Array(RUNS - SEATS).fill('refused'), ...Array(SEATS).fill('succeeded')]);
    expect(calls.find(({ status }) => status === 'refused')?.reasons).toEqual([expect.stringContaining(`of the ${SEATS} of the budget "seats" (all together) ${SEATS} are taken`)]);

    const answer = await fetch(new URL('/v1/budgets', scenario.stack.gatewayUrl), { headers: { authorization: `Bearer ${scenario.stack.apiKeys.operator}` } });
    expect(await answer.json()).toMatchObject({ more: false, budgets: [{ limit: 'seats', holder: 'all together', used: { calls: SEATS, amount: 0, tokens: 0, costMicros: 0 }, maxCalls: SEATS }] });
  }, 240_000);
});
