import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunDetail } from '@holdfast/example-accounts-payable';
import { runOf, until, type Scenario } from './installation.fixture.js';
import { startSeats, type Seats } from './waiting/seats.fixture.js';

/** A run that has changed the world is forked with simulated effects while services are killed, and tried again with real ones. */
let installed: Seats;
let scenario: Scenario;

beforeAll(async () => {
  installed = await startSeats();
  ({ scenario } = installed);
});
afterAll(() => installed?.stop());

const effects = async (): Promise<readonly string[]> => (await readFile(installed.seats, 'utf8')).trim().split('\n');
async function ask<T>(method: 'GET' | 'POST', path: string, body?: object, key?: string): Promise<T> {
  const { stack } = scenario;
  const headers = { authorization: `Bearer ${stack.apiKeys.operator}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(key === undefined ? {} : { 'idempotency-key': key }) };
  const response = await fetch(new URL(path, stack.gatewayUrl), { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
const forked = (origin: string, body: object, key: string): Promise<{ readonly runId: string; readonly duplicate: boolean }> => ask('POST', `/v1/runs/${origin}/forks`, body, key);
/** The run once it waits for a signal, by the signal's name. */
const asking = (runId: string): Promise<string> => until(`${runId} to ask`, async () => {
  const awaited = (await scenario.gateway.run(runId))?.waitsFor.find(({ for: what }) => what === 'signal') as { readonly name?: string } | undefined;
  return awaited?.name;
});
const answered = async (runId: string, name: string): Promise<unknown> => ask('POST', `/v1/runs/${runId}/signals/${name}`, { go: 'on' }, name);
const ended = (runId: string): Promise<RunDetail> => until(`the end of ${runId}`, async () => {
  const run = await scenario.gateway.run(runId);
  return run?.status === 'completed' ? run : undefined;
});

describe('a run that reserved a seat and waits for a signal', () => {
  it('is tried otherwise without a single effect, once for a key, through a kill of the orchestrator, and goes on itself', async () => {
    await installed.begin('origin', [['reserve', { seat: 'a1' }], ['holdfast_wait_signal', { name: 'go' }], ['reserve', { seat: 'b1' }]]);
    const origin = (await until('the origin', () => runOf(scenario.gateway, 'origin'))).runId;
    const question = await asking(origin);

    const tried = await forked(origin, { mode: 'fork', at: 1, reason: 'what if' }, 'k');
    await scenario.stack.kill('orchestrator');
    expect(await forked(origin, { mode: 'fork', at: 1, reason: 'what if' }, 'k')).toMatchObject({ runId: tried.runId, duplicate: true });
    await scenario.stack.start('orchestrator');
    const name = await asking(tried.runId);
    await scenario.stack.kill('orchestrator');
    await answered(tried.runId, name);
    await scenario.stack.start('orchestrator');
    expect((await ended(tried.runId)).stepsTaken.flatMap(({ calls }) => calls)).toMatchObject([
      // The origin had reserved the first by then, and nobody the second.
      { tool: 'reserve', arguments: { seat: 'a1' }, status: 'succeeded', simulated: { from: { runId: origin, number: 3 } } },
      { tool: 'holdfast_wait_signal', status: 'succeeded' },
      { tool: 'reserve', arguments: { seat: 'b1' }, status: 'succeeded', simulated: {} },
    ]);
    expect(await effects()).toEqual(['reserve a1']);

    await answered(origin, question);
    await ended(origin);
    expect(await effects()).toEqual(['reserve a1', 'reserve b1']);
    const compared = await ask<{ readonly left: { readonly answer: string }; readonly right: { readonly answer: string }; readonly diverges: number }>('GET', `/v1/runs/${origin}/comparison?with=${tried.runId}`);
    expect([compared.diverges, compared.left.answer.includes('reservation-b1'), compared.right.answer.includes('simulated')]).toEqual([2, true, true]);
  });

  it('is tried again with real effects from its beginning, and reserves no seat twice', async () => {
    const origin = (await runOf(scenario.gateway, 'origin'))?.runId ?? '';
    const { runId } = await forked(origin, { mode: 'retry', at: 1, reason: 'again' }, 'again');
    await answered(runId, await asking(runId));
    const again = await ended(runId);
    expect(again.stepsTaken.flatMap(({ calls }) => calls).every((call) => !('simulated' in call))).toBe(true);
    expect(await effects()).toEqual(['reserve a1', 'reserve b1']);
  });
});
