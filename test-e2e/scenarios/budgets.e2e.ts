import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endOf, type Scenario } from './installation.fixture.js';
import { startSeats, type Seats } from './waiting/seats.fixture.js';

/** More runs than their common budget allows, and the orchestrator that takes from it is killed while they ask. */
const SEATS = 5;
const RUNS = 12;
const KILLS = 3;
/** No window ends while the scenario runs. */
const YEAR_S = 31_536_000;

let seats: Seats;
let scenario: Scenario;

beforeAll(async () => {
  seats = await startSeats({ 'budgets.json': { limits: [{ id: 'seats', tools: ['reserve'], windowSeconds: YEAR_S, maxCalls: SEATS }] } });
  ({ scenario } = seats);
});
afterAll(() => seats?.stop());

describe('runs that share a budget', () => {
  it('together do as much as it gives and no more, though the orchestrator is killed meanwhile', async () => {
    const ids = Array.from({ length: RUNS }, (_, at) => `run-${at}`);
    for (const [at, id] of ids.entries()) {
      await seats.begin(id, [['reserve', { seat: `seat-${at}` }]]);
      if (at % Math.floor(RUNS / KILLS) !== 0) continue;
      await scenario.stack.kill('orchestrator');
      await scenario.stack.start('orchestrator');
    }
    const ends = await Promise.all(ids.map((id) => endOf(scenario.gateway, id)));
    const calls = ends.flatMap(({ stepsTaken }) => stepsTaken.flatMap((step) => step.calls));

    const reserved = (await readFile(seats.seats, 'utf8')).trim().split('\n');
    expect([reserved.length, new Set(reserved).size]).toEqual([SEATS, SEATS]);
    expect(calls.map(({ status }) => status).sort()).toEqual([...Array(RUNS - SEATS).fill('refused'), ...Array(SEATS).fill('succeeded')]);
    expect(calls.find(({ status }) => status === 'refused')?.reasons).toEqual([expect.stringContaining(`of the ${SEATS} of the budget "seats" (all together) ${SEATS} are taken`)]);

    const answer = await fetch(new URL('/v1/budgets', scenario.stack.gatewayUrl), { headers: { authorization: `Bearer ${scenario.stack.apiKeys.operator}` } });
    expect(await answer.json()).toMatchObject({ more: false, budgets: [{ limit: 'seats', holder: 'all together', used: { calls: SEATS, amount: 0, tokens: 0, costMicros: 0 }, maxCalls: SEATS }] });
  });
});
