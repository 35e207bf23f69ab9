import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { subjects, type FactOf, type Proposal, type RunKey } from '@holdfast/contracts';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { plan } from '../context/history.fixture.js';
import { RecordedAnswers } from './recorded-answers.js';

const LONG = 60_000;

let broker: TestBroker;
let bus: Bus;
beforeAll(async () => {
  broker = await startTestBroker();
  bus = await Bus.connect({ url: broker.url, role: 'planner', seed: broker.seedOf('planner'), name: 'contract-planner' });
}, LONG);
afterAll(async () => {
  await bus.close();
  await broker.stop();
});

const answer = (basis: number, text = ''): Proposal => (plan(basis, [['pay', 'allow']], text).fact as FactOf<'plan'>).proposal;
const run = (runId: string): RunKey => ({ tenant: 'acme', runId });

describe('answers on a real broker', () => {
  it('are found by whoever takes the step over, also after the broker was killed', async () => {
    const answers = new RecordedAnswers(bus);
    await answers.record(run('r1'), answer(3));
    await broker.kill();
    await broker.restart();

    expect(await answers.find(run('r1'), 3)).toEqual(answer(3));
    expect([await answers.find(run('r1'), 4), await answers.find(run('r2'), 3), await answers.find({ tenant: 'globex', runId: 'r1' }, 3)]).toEqual([undefined, undefined, undefined]);
  }, LONG);

  it('are kept as the first planner was given them', async () => {
    const answers = new RecordedAnswers(bus);
    await answers.record(run('r3'), answer(1, 'first'));
    await answers.record(run('r3'), answer(1, 'second'));

    expect(await answers.find(run('r3'), 1)).toMatchObject({ text: 'first' });
  });

  it('and summaries are kept apart, each for its step and for how far it reaches', async () => {
    const answers = new RecordedAnswers(bus);
    const summary = { upTo: 7, summary: 'Found.', by: 'model' as const };
    await answers.recordSummary(run('r7'), 9, summary);
    await answers.recordSummary(run('r7'), 9, { ...summary, summary: 'Found by another planner.' });

    expect([await answers.findSummary(run('r7'), 9, 7), await answers.findSummary(run('r7'), 9, 5), await answers.findSummary(run('r7'), 8, 7), await answers.find(run('r7'), 9)]).toEqual([summary, undefined, undefined, undefined]);
  });

  it('of the largest size that a proposal may have are kept whole', async () => {
    const answers = new RecordedAnswers(bus);
    const large = { ...answer(1, 'ä'.repeat(90_000)), answer: 'ä'.repeat(90_000), requests: [{ requestId: 'r', tool: 'pay', arguments: { text: 'x'.repeat(256 * 1024) } }] };
    await answers.record(run('r4'), large);

    expect(await answers.find(run('r4'), 1)).toEqual(large);
  });

  it('that cannot be read are as good as none', async () => {
    await bus.publish(subjects.answer(run('r5'), 1), '{"basis":1,"text":');

    expect(await new RecordedAnswers(bus).find(run('r5'), 1)).toBeUndefined();
  });

  it('that nobody knows to be kept are said to be so, and may be recorded again', async () => {
    const answers = new RecordedAnswers(bus);
    await broker.kill();
    const recording = answers.record(run('r6'), answer(1));
    await expect(recording).rejects.toMatchObject({ code: 'answer.unrecorded', retryable: true });
    await broker.restart();
    await answers.record(run('r6'), answer(1));

    expect(await answers.find(run('r6'), 1)).toEqual(answer(1));
  }, LONG);
});
