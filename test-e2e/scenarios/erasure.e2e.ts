import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { streamsOf } from '@holdfast/contracts';
import { REPOSITORY } from '@holdfast/deploy';
import { JetStreamEventLog, verifyLog } from '@holdfast/event-log';
import { endOf, runOf, startScenario, until, type Scenario } from './installation.fixture.js';

const PARTITIONS = 2;
const NAME = 'Mustermann';
const GOAL = `Reserve a seat for Erika ${NAME}.`;

let scenario: Scenario;
let owner: Bus;
let seats: string;

beforeAll(async () => {
  scenario = await startScenario('waiting', PARTITIONS, async (directory) => {
    seats = join(directory.path, 'seats');
    return { SEATS_FILE: seats };
  }, join(REPOSITORY, 'test-e2e/scenarios/waiting/policies'), {}, ['memory']);
  owner = await Bus.connect({ url: scenario.stack.brokerUrl, role: 'orchestrator', name: 'scenario-owner', seed: scenario.stack.identities?.CORE.seed });
});
afterAll(async () => {
  await owner?.close();
  await scenario?.stop();
});

const begin = (id: string, script: readonly (readonly [string, object])[]) =>
  scenario.publisher.publish({ specversion: '1.0', id, source: '/scenario', type: 'com.example.lead', datasubject: 'customer-7', data: { goal: GOAL, script } } as never);
const admin = async (path: string, body?: object): Promise<{ readonly status: number; readonly text: string }> => {
  const answer = await fetch(`${scenario.stack.gatewayUrl}${path}`, {
    headers: { authorization: `Bearer ${scenario.stack.apiKeys.admin}`, 'content-type': 'application/json' }, signal: AbortSignal.timeout(60_000),
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
};
/** The streams that hold the name, in clear. */
const streamsWithName = async (): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const { name } of streamsOf(PARTITIONS)) {
    const messages = await owner.getBatch(name, 1, 10_000);
    if (messages.some(({ data, subject }) => `${subject} ${new TextDecoder().decode(data)}`.includes(NAME))) found.push(name);
  }
  return found;
};

describe('a run about a data subject, on real processes', () => {
  it('completes though the orchestrator is killed in the middle of it, and no stream holds what it says', async () => {
    await begin('one', [['holdfast_wait', { seconds: 3 }], ['reserve', { seat: `${NAME}-12` }]]);
    await until('the wait', async () => ((await runOf(scenario.gateway, 'one'))?.standing === 'waiting' ? true : undefined));
    await scenario.stack.kill('orchestrator');
    await scenario.stack.start('orchestrator');
    const ended = await endOf(scenario.gateway, 'one');
    expect(ended).toMatchObject({ status: 'completed', goal: GOAL });
    expect(ended.answer).toContain(`reservation-${NAME}-12`);
    expect(await streamsWithName()).toEqual([]);
  });

  it('is ended and erased by order, though the orchestrator is killed while it carries the order out', async () => {
    await begin('two', [['holdfast_wait', { seconds: 600 }]]);
    await until('the wait', async () => ((await runOf(scenario.gateway, 'two'))?.standing === 'waiting' ? true : undefined));
    const runs = await Promise.all(['one', 'two'].map(async (id) => (await runOf(scenario.gateway, id))?.runId ?? ''));
    const ordered = admin('/v1/erasures', { dataSubject: 'customer-7', reason: 'asked for' });
    await scenario.stack.kill('orchestrator');
    await scenario.stack.start('orchestrator');
    expect(await ordered).toMatchObject({ status: 200 });
    for (const runId of runs) {
      const erased = await until('the erasure', async () => {
        const { status, text } = await admin(`/v1/runs/${runId}`);
        expect(status).toBe(200);
        return text.includes(NAME) ? undefined : text;
      });
      expect(JSON.parse(erased)).toMatchObject({ runId, status: 'erased', goal: '[erased]', reason: '[erased]' });
      const events = await admin(`/v1/runs/${runId}/events`);
      expect(events.text).toContain('content-erased');
      expect(events.text).not.toContain(NAME);
    }
    await until('the list', async () => ((await admin('/v1/runs')).text.includes(NAME) ? undefined : true));
    expect(await verifyLog(new JetStreamEventLog(owner, PARTITIONS))).toMatchObject({ holds: true });
    expect(await streamsWithName()).toEqual([]);
  });

  it('is not what a new run about them is, which has a key of its own, also after everything was started again', async () => {
    await begin('three', [['reserve', { seat: `${NAME}-12` }]]);
    const ended = await endOf(scenario.gateway, 'three');
    expect(ended).toMatchObject({ status: 'completed', goal: GOAL });
    // The ledger knows that it was done, and does it no second time; what it gave back is erased.
    expect(ended.answer).toContain('What it gave back is erased');
    expect(ended.answer).not.toContain('reservation');
    expect((await readFile(seats, 'utf8')).trim().split('\n')).toEqual([`reserve ${NAME}-12`]);
    for (const name of ['gateway', 'orchestrator'] as const) {
      await scenario.stack.kill(name);
      await scenario.stack.start(name);
    }
    expect(await endOf(scenario.gateway, 'three')).toMatchObject({ goal: GOAL });
    expect(await streamsWithName()).toEqual([]);
    expect(await verifyLog(new JetStreamEventLog(owner, PARTITIONS))).toMatchObject({ holds: true });
  });
});
