import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { partitionOf, subjects, type FactOf, type InboxSource } from '@holdfast/contracts';
import type { InstanceName, Stack } from '@holdfast/deploy';
import type { GatewayClient, RunDetail, TaskPublisher } from '@holdfast/example-accounts-payable';
import { TENANT, startScenario, until, type Scenario } from './installation.fixture.js';

let scenario: Scenario;
let stack: Stack;
let bus: Bus;
let publisher: TaskPublisher;
let gateway: GatewayClient;
let seats: string;

beforeAll(async () => {
  scenario = await startScenario('waiting', 4, async (directory) => {
    seats = join(directory.path, 'seats');
    return { SEATS_FILE: seats };
  });
  ({ stack, publisher, gateway } = scenario);
  // People's facts, as the gateway puts them into the inbox; what it has no endpoint for yet is said the same way.
  bus = await Bus.connect({ url: stack.brokerUrl, role: 'gateway', seed: stack.identities?.gateway.seed, name: 'people' });
});

afterAll(async () => {
  await bus?.close();
  await scenario?.stop();
});

async function begin(id: string, script: readonly (readonly [string, object])[]): Promise<void> {
  await publisher.publish({ specversion: '1.0', id, source: '/scenario', type: 'com.example.lead', data: { goal: 'Follow the script.', script } } as never);
}

async function tell(runId: string, fact: FactOf<InboxSource>): Promise<void> {
  const key = { tenant: TENANT, runId };
  await bus.publish(subjects.inbox(partitionOf(key, 4), key, fact.kind), JSON.stringify(fact), { messageId: `${runId}:${fact.id}` });
}

/** The run of a task when it has such a status, or such a call. */
function runWhen(id: string, what: string, holds: (run: RunDetail) => boolean): Promise<RunDetail> {
  return until(`${what} of ${id}`, async () => {
    const listed = (await gateway.runs()).find((run) => run.taskId === id);
    const run = listed === undefined ? undefined : await gateway.run(listed.runId);
    return run !== undefined && holds(run) ? run : undefined;
  });
}

const hasEnded = (run: RunDetail): boolean => ['completed', 'failed', 'cancelled'].includes(run.status);
const waitsIn = (tool: string) => (run: RunDetail): boolean => run.stepsTaken.some(({ calls }) => calls.some((call) => call.tool === tool && call.status === 'waiting'));

describe('a run that asks a person', () => {
  const call = async (method: 'GET' | 'POST', path: string, body?: object): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> => {
    const answer = await fetch(new URL(path, stack.gatewayUrl), { method, headers: { authorization: `Bearer ${stack.apiKeys.operator}`, 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it('shows its question, takes one of the choices once, and goes on with the words of whoever answered', async () => {
    await begin('asks', [['holdfast_ask_person', { question: 'Which seat?', choices: ['a9', 'b9'] }]]);
    const asking = await runWhen('asks', 'the question', waitsIn('holdfast_ask_person'));
    const path = `/v1/runs/${asking.runId}/questions/c1-1`;
    const asked = await until('the list of questions', async () => {
      const { body } = await call('GET', '/v1/questions');
      return (body['questions'] as unknown[] | undefined)?.length === 1 ? body['questions'] : undefined;
    });
    expect(asked).toMatchObject([{ runId: asking.runId, callId: 'c1-1', agent: 'lead', text: 'Which seat?', choices: ['a9', 'b9'] }]);
    expect(await call('POST', path, { answer: 'c9' })).toMatchObject({ status: 400 });
    expect(await call('POST', path.replace('c1-1', 'c9-9'), { answer: 'a9' })).toMatchObject({ status: 404, body: { code: 'question.unknown' } });
    expect(await call('POST', path, { answer: 'a9' })).toMatchObject({ status: 202, body: { duplicate: false } });
    const run = await runWhen('asks', 'the end', hasEnded);

    expect(run).toMatchObject({ status: 'completed', answer: expect.stringContaining('"received":true') });
    const { events } = await gateway.events(run.runId);
    expect(events.find(({ event }) => event.type === 'signal-received')?.event).toMatchObject({ payload: 'a9', by: expect.any(String), label: { trust: 'organisation' } });
    expect(await call('POST', path, { answer: 'a9' })).toMatchObject({ body: { duplicate: true } });
    expect(await call('POST', path, { answer: 'b9' })).toMatchObject({ status: 409, body: { code: 'question.answered' } });
    expect((await call('GET', '/v1/questions')).body['questions']).toEqual([]);
  });
});

describe('a run that waits', () => {
  it('for a time, for a run that it started and for a signal goes on after each, although every service is killed meanwhile', async () => {
    await begin('waits', [
      ['holdfast_wait', { seconds: 2 }],
      ['holdfast_start_run', { type: 'com.example.help', goal: 'Wait a little.', input: { script: [['holdfast_wait', { seconds: 2 }]] } }],
      ['holdfast_wait_signal', { name: 'go' }],
    ]);
    const names = Object.keys(stack.services) as InstanceName[];
    const killAndStart = async (): Promise<void> => {
      await Promise.all(names.map((name) => stack.kill(name)));
      await Promise.all(names.map((name) => stack.start(name)));
    };
    await runWhen('waits', 'the wait for a time', waitsIn('holdfast_wait'));
    await killAndStart();
    await runWhen('waits', 'the wait for another run', waitsIn('holdfast_start_run'));
    await killAndStart();
    const waiting = await runWhen('waits', 'the wait for a signal', waitsIn('holdfast_wait_signal'));
    await tell(waiting.runId, { kind: 'signal', id: 'signal:go', name: 'go', payload: { at: 'noon' }, by: 'otto' });
    const run = await runWhen('waits', 'the end', hasEnded);

    expect(run).toMatchObject({ status: 'completed', answer: expect.stringContaining('"received":true') });
    const { events } = await gateway.events(run.runId);
    expect(events.filter(({ event }) => event.type === 'child-ended')).toHaveLength(1);
    const helper = (await gateway.runs()).filter((other) => other.runId === `${run.runId}_c${childBasis(events)}-1`);
    expect(helper).toMatchObject([{ status: 'completed' }]);
  });
});

const childBasis = (events: readonly { readonly event: { readonly type: string; readonly [field: string]: unknown } }[]): string => /^c(\d+)-1$/.exec(String(events.find(({ event }) => event.type === 'child-ended')?.event['callId']))?.[1] ?? '';

describe('a run that is aborted', () => {
  it('releases what it reserved, last first and each once, although the adapter is killed meanwhile', async () => {
    await begin('aborts', [['reserve', { seat: 'a1' }], ['reserve', { seat: 'a2' }], ['holdfast_wait_signal', { name: 'never' }]]);
    const waiting = await runWhen('aborts', 'the wait', waitsIn('holdfast_wait_signal'));
    await stack.kill('tool-adapters');
    await tell(waiting.runId, { kind: 'control', id: 'control:abort', action: 'abort', by: 'otto', reason: 'booked twice' });
    await runWhen('aborts', 'the first undoing', (run) => run.stepsTaken.some(({ calls }) => calls.some((call) => call.callId.startsWith('undo-') && call.status === 'called')));
    await stack.start('tool-adapters');
    const run = await runWhen('aborts', 'the end', hasEnded);

    expect(run).toMatchObject({ status: 'cancelled', reason: 'otto aborted the run: booked twice. 2 of 2 effects were undone' });
    expect((await readFile(seats, 'utf8')).trim().split('\n')).toEqual(['reserve a1', 'reserve a2', 'release a2', 'release a1']);
  });
});

describe('a run that begins where another stood', () => {
  it('goes on with its conversation and answers', async () => {
    const origin = await runWhen('aborts', 'the end', hasEnded);
    await tell('forked', { kind: 'fork', id: 'fork:1', mode: 'fork', origin: { runId: origin.runId, number: 3 }, by: 'otto', reason: 'once more' });
    const run = await until('the wait of the fork', async () => {
      const forked = await gateway.run('forked').catch(() => undefined);
      return forked !== undefined && waitsIn('holdfast_wait_signal')(forked) ? forked : undefined;
    });
    // The first reservation stands in the origin's conversation, so the script goes on with the second, which the ledger has.
    expect(run.stepsTaken.map(({ calls }) => calls.map((call) => `${call.tool} ${call.status}`))).toEqual([['reserve succeeded'], ['holdfast_wait_signal waiting']]);
    expect((await readFile(seats, 'utf8')).match(/reserve a2/g)).toHaveLength(1);
  });
});
