import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spentOn, type RunEvent, type RunEventOf } from '@holdfast/contracts';
import { REPOSITORY } from '@holdfast/deploy';
import { TENANT, endOf, startScenario, type Scenario } from './installation.fixture.js';
import { FAULTS, modelOf, type Fault } from './model-faults/faults.ts';
import { Provider } from './model-faults/provider.ts';

/** Short enough for a test, and longer than an answer ever takes to begin, and to end, here. */
const FIRST_TOKEN_MS = 4_000;
const WHOLE_ANSWER_MS = 8_000;
/** A unit for a million tokens: what a token costs is a millionth. */
const PRICE = { input: 1, output: 1 };

const provider = new Provider();
let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario('model-faults', 2, async (directory) => {
    const prices = join(directory.path, 'prices.json');
    const models = Object.keys(FAULTS).flatMap((name) => [0, 1].map((nth) => [`compatible/${modelOf(name, nth)}`, PRICE]));
    await writeFile(prices, JSON.stringify({ currency: 'EUR', asOf: '2026-11-27', models: Object.fromEntries(models) as object }));
    return { HOLDFAST_MODEL_URL: `${await provider.open()}/v1`, HOLDFAST_MODEL_PRICES: prices, HOLDFAST_MODEL_FIRST_TOKEN_MS: String(FIRST_TOKEN_MS), HOLDFAST_MODEL_TIMEOUT_MS: String(WHOLE_ANSWER_MS) };
  });
  for (const name of Object.keys(FAULTS)) await scenario.publisher.publish({ specversion: '1.0', id: name, source: '/scenario', type: `com.example.${name}`, data: { goal: name } } as never);
});
afterAll(async () => {
  await scenario?.stop();
  provider.close();
});

async function budgetsUsed(): Promise<Readonly<Record<string, { readonly tokens: number; readonly costMicros: number }>>> {
  const answer = await fetch(new URL('/v1/budgets', scenario.stack.gatewayUrl), { headers: { authorization: `Bearer ${scenario.stack.apiKeys.operator}` } });
  const { budgets } = (await answer.json()) as { readonly budgets: readonly { readonly holder: string; readonly used: { readonly tokens: number; readonly costMicros: number } }[] };
  return Object.fromEntries(budgets.map(({ holder, used: { tokens, costMicros } }) => [holder, { tokens, costMicros }]));
}

/** What the log says, beside the end. */
function toldBy(events: readonly RunEvent[]): Pick<Fault, 'tries' | 'unanswered'> & { readonly refused?: readonly [string, string]; readonly tokens: number } {
  const decisions = events.filter((event): event is RunEventOf<'decision-made'> => event.type === 'decision-made');
  const [first] = decisions;
  const tries = first?.proposal.model.attempts?.map(({ outcome }) => outcome);
  const refused = events.find((event): event is RunEventOf<'call-refused'> => event.type === 'call-refused');
  const unanswered = events.flatMap((event) => (event.type === 'model-failed' ? [event.code as string] : []));
  return {
    ...(tries === undefined ? {} : { tries }), ...(unanswered.length === 0 ? {} : { unanswered }), ...(refused === undefined ? {} : { refused: [refused.tool, refused.reasons.join(' ')] as const }),
    tokens: decisions.reduce((sum, { proposal }) => sum + spentOn(proposal.model).tokens, 0),
  };
}

describe('what a model was shown', () => {
  it('is made again by anybody who may read the log, and has the digest that was recorded', async () => {
    const { runId } = await endOf(scenario.gateway, 'is-empty');
    const { stdout } = await promisify(execFile)(process.execPath, [join(REPOSITORY, 'apps/planner/dist/prompts/program.js'), `${TENANT}/${runId}`], {
      env: { NATS_URL: scenario.stack.brokerUrl, HOLDFAST_NATS_SEED: scenario.stack.identities?.planner.seed, HOLDFAST_PARTITIONS: '2', HOLDFAST_CATALOG: join(scenario.directory.path, 'catalog.json') },
    });
    expect(JSON.parse(stdout)).toMatchObject({ holds: true, agent: { name: 'is-empty' }, system: expect.stringContaining('Order what the task names.'), tools: [{ name: 'order' }], missing: [] });
  });
});

describe('a run whose model', () => {
  it.each(Object.entries(FAULTS))('%s goes on or stops with a reason, the log says why, and the budgets count what the provider counts', async (name, fault) => {
    const run = await endOf(scenario.gateway, name);
    const { events } = await scenario.gateway.events(run.runId);
    const log = events.map(({ event }) => event as unknown as RunEvent);
    const end = log.findLast((event): event is RunEventOf<'run-ended'> => event.type === 'run-ended');
    const { tokens, ...told } = toldBy(log);
    const models = [0, 1].map((nth) => modelOf(name, nth));
    const billed = models.reduce((sum, model) => sum + (provider.tokens.get(model) ?? 0), 0);

    expect({ status: run.status, reason: end?.reason }).toEqual({ status: fault.status, reason: fault.reason === undefined ? expect.any(String) : expect.stringMatching(fault.reason) });
    if (fault.answer !== undefined) expect(end?.answer).toMatch(fault.answer);
    expect(told).toEqual({
      ...(fault.tries === undefined ? {} : { tries: fault.tries }), ...(fault.unanswered === undefined ? {} : { unanswered: fault.unanswered }),
      ...(fault.refused === undefined ? {} : { refused: [fault.refused[0], expect.stringMatching(fault.refused[1])] }),
    });
    if (fault.asked !== undefined) expect(models.map((model) => provider.asked.get(model) ?? 0)).toEqual([fault.asked[0], fault.asked[1] ?? 0]);
    expect(tokens).toBe(billed);
    const used = Object.entries(await budgetsUsed()).find(([holder]) => holder.endsWith(name))?.[1];
    expect(used ?? { tokens: 0, costMicros: 0 }).toEqual({ tokens: billed, costMicros: billed });
  });
});
