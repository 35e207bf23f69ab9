import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { residentBytes } from '../bench/installation/processor-time.ts';
import { startScenario, until, type Scenario } from './installation.fixture.js';
import { Archive, CountingProvider } from './long-runs/servers.ts';

/** A thousand steps where there is time for it (HOLDFAST_LONG=1). */
const STEPS = process.env['HOLDFAST_LONG'] === '1' ? 1_000 : 120;
/** What no service's memory goes beyond, in MiB, however long the run. */
const MOST_MEMORY = 512;

const provider = new CountingProvider();
const archive = new Archive();
let scenario: Scenario;
beforeAll(async () => {
  const environment = { HOLDFAST_MODEL_URL: `${await provider.open()}/v1`, ARCHIVE_URL: await archive.open() };
  scenario = await startScenario('long-runs', 1, async () => environment);
});
afterAll(async () => {
  await scenario?.stop();
  provider.close();
  archive.close();
});

/** The run of this task when it has ended, with its events. Looked for in the list, since the whole of a long run is long. */
async function play(id: string, goal: string) {
  const { gateway, publisher } = scenario;
  await publisher.publish({ specversion: '1.0', id, source: '/scenario', type: 'com.example.filing', data: { goal } } as never);
  const { runId } = await until(`the end of ${id}`, async () => (await gateway.runs()).find(({ taskId, status }) => taskId === id && ['completed', 'failed', 'cancelled'].includes(status)), 200_000);
  const [run, { events }] = [await gateway.run(runId), await gateway.events(runId)];
  return { run, events: events.map(({ event }) => event) };
}

describe(`a run of ${STEPS} steps`, () => {
  it('is done once, step by step, though planner and orchestrator are killed on its way, and no summary is paid twice', async () => {
    const { stack } = scenario;
    const restarted = async (...names: readonly ('planner' | 'orchestrator')[]): Promise<void> => {
      for (const name of names) await stack.kill(name);
      for (const name of names) await stack.start(name);
    };
    provider.before.set(`step ${STEPS / 4}`, () => restarted('planner'));
    provider.before.set(`step ${STEPS / 2}`, () => restarted('orchestrator'));
    provider.before.set(`step ${(STEPS * 3) / 4}`, () => restarted('orchestrator', 'planner'));
    // The planner waits for the answer to the step, and nobody but it and the record has the summary.
    provider.before.set('after summary 2', () => restarted('planner'));
    const { run, events } = await play('long', `File ${STEPS} papers, one after the other.`);

    expect({ status: run.status, reason: run.reason, answer: run.answer }).toMatchObject({ status: 'completed', answer: 'All is filed.' });
    expect(provider.before.size).toBe(0);
    expect([archive.papers.size, [...archive.papers.values()].filter((times) => times !== 1)]).toEqual([STEPS, []]);
    // A call for each step and for the answer, and one more for each planner that was killed while it waited for one.
    expect({ stepsAskedFor: provider.steps.size, calls: provider.calls }).toEqual({ stepsAskedFor: STEPS + 1, calls: STEPS + 1 + 3 });
    const compactions = events.filter(({ type }) => type === 'context-compacted');
    expect({ summaries: provider.summaries, isMany: compactions.length > STEPS / 30 }).toEqual({ summaries: compactions.length, isMany: true });
    expect(compactions.every(({ by }) => by === 'model')).toBe(true);
    // Four characters a token, and as many again for how JSON writes them.
    expect(provider.largest).toBeLessThan(2 * 4 * 2_000);
    const memory = Object.fromEntries(Object.entries(residentBytes(stack)).map(([name, bytes]) => [name, Math.round(bytes / 2 ** 20)]));
    if (STEPS >= 1_000) process.stderr.write(`after ${STEPS} steps, in MiB: ${JSON.stringify(memory)}; ${provider.summaries} summaries, largest request ${provider.largest} characters\n`);
    expect(Object.entries(memory).filter(([, mebibytes]) => mebibytes > MOST_MEMORY)).toEqual([]);
  });
});

describe('a model that asks for the same again and again', () => {
  it('is told half-way, and then its run is ended with an explanation', async () => {
    const { run, events } = await play('circle', 'File the same paper.');

    expect(run).toMatchObject({ status: 'failed', reason: expect.stringMatching(/goes in circles: it did the same 5 times one after the other/) });
    expect(events.filter(({ type, about }) => type === 'notice-given' && about === 'repetition')).toMatchObject([{ used: 3, limit: 5 }]);
    expect({ calls: provider.repeats, filed: archive.papers.get('paper-again') }).toEqual({ calls: 5, filed: 1 });
  });
});
