import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endOf, startScenario, until, type Scenario } from './installation.fixture.js';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario('threads', 2, async () => ({}), undefined, {}, ['memory']);
});
afterAll(() => scenario?.stop());

/** The gateway, as an administrator. */
async function ask(path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
  const { stack } = scenario;
  const answer = await fetch(`${stack.gatewayUrl}${path}`, {
    headers: { authorization: `Bearer ${stack.apiKeys.admin}`, 'content-type': 'application/json' }, signal: AbortSignal.timeout(35_000),
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as unknown };
}

async function say(id: string, goal: string, more: object = {}): Promise<string | undefined> {
  expect((await ask('/v1/tasks', { type: 'com.example.tell', goal, id, thread: 'talk', ...more })).status).toBe(202);
  return (await endOf(scenario.gateway, id)).answer;
}

interface Turn { readonly status: string; readonly goal: { readonly text: string }; readonly answer?: { readonly text: string }; readonly erased?: true }
const turns = async (): Promise<readonly Turn[]> => ((await ask('/v1/threads/talk')).body as { readonly turns: readonly Turn[] }).turns;
interface Standing { readonly behind: number; readonly turns: number; readonly checksum: string }
const standing = (): Promise<Standing> => until('the projection', async () => {
  const { status, body } = await ask('/v1/memory/threads');
  return status === 200 && (body as Standing).behind === 0 ? (body as Standing) : undefined;
});

describe('a thread on real processes', () => {
  it('is told to each of its runs, and shown to people as soon as a run has answered', async () => {
    expect(await say('one', 'Who is Ada?')).toBe('To "Who is Ada?", after: ');
    expect(await say('two', 'Where does she live?', { dataSubject: 'ada' })).toBe('To "Where does she live?", after: Who is Ada?');
    expect((await turns()).map(({ status, goal, answer }) => [status, goal.text, answer?.text])).toEqual([
      ['completed', 'Who is Ada?', 'To "Who is Ada?", after: '],
      ['completed', 'Where does she live?', 'To "Where does she live?", after: Who is Ada?'],
    ]);
  });

  it('goes on while memory is away, and is made again with the same content though memory is killed in between', async () => {
    const { stack } = scenario;
    await stack.kill('memory');
    expect(await say('three', 'And now?')).toBe('To "And now?", after: Who is Ada? | Where does she live?');
    await stack.start('memory');
    const before = await standing();
    expect(before.turns).toBe(3);

    expect((await ask('/v1/memory/threads/rebuild', {})).status).toBe(202);
    await stack.kill('memory');
    await stack.start('memory');
    expect(await standing()).toEqual(before);
    expect((await ask('/v1/memory/threads/rebuild', {})).status).toBe(202);
    expect(await standing()).toEqual(before);
  });

  it('forgets a data subject for good, and tells later runs nothing of it', async () => {
    expect(await ask('/v1/erasures', { dataSubject: 'ada', reason: 'asked for' })).toMatchObject({ status: 200, body: { turns: 2 } });
    const forgotten = [['Who is Ada?', undefined], ['', true], ['', true]];
    expect((await turns()).map(({ goal, erased }) => [goal.text, erased])).toEqual(forgotten);
    expect(await say('four', 'What was said?')).toBe('To "What was said?", after: Who is Ada?');
    expect((await ask('/v1/memory/threads/rebuild', {})).status).toBe(202);
    expect((await standing()).turns).toBe(4);
    expect((await turns()).slice(0, 3).map(({ goal, erased }) => [goal.text, erased])).toEqual(forgotten);
  });
});
