import { afterEach, describe, expect, it } from '@jest/globals';
import { subjects } from '@holdfast/contracts';
import { callIdOf, type Input } from '@holdfast/run';
import { Conversation } from '../context/conversation.js';
import { History, agent, key, plan, succeeded, task, tool } from '../context/history.fixture.js';
import { chatCompletions } from '../models/model-server.fixture.js';
import { closeServers, pay, planner } from './planner.fixture.js';

afterEach(closeServers);

/** A run whose next step needs a summary first, with the commit that asks for that step. */
async function fullRun() {
  const history = await History.of({ ...task, agent: { ...agent, budgets: { ...agent.budgets, contextTokens: 1_000 } } } as Input);
  for (let commits = await history.commits(); ; commits = await history.commits()) {
    const { excess } = Conversation.of(commits);
    const commit = commits.at(-1);
    if (excess !== undefined && commit !== undefined) return { history, commit, basis: commits.length };
    await history.add(plan(commits.length, [['lookup', 'allow']]));
    await history.add(tool(callIdOf(commits.length, 0), succeeded({ text: `${'x'.repeat(400)} ${commits.length}` })));
  }
}

const found = chatCompletions.text('Invoice 7 is order-5.');

describe('the summary that a step needs', () => {
  it('is paid once, though its planner dies before the model has answered to the step', async () => {
    const { history, commit, basis } = await fullRun();
    const dying = await planner(history, [found, { status: 400, body: { error: { message: 'no' } } }], []);
    expect(await dying.handle(commit)).toEqual({ againAfterMs: expect.any(Number) });
    expect([...dying.recorded.keys()]).toEqual([subjects.summary(key, basis)]);

    const heir = await planner(history, [pay], [{ status: 'committed', number: basis + 1 }], history.log, dying.recorded);
    expect(await heir.handle(commit, 2)).toBe('done');
    expect(heir.server.received).toHaveLength(1);
    expect(JSON.stringify(heir.server.received[0]?.body)).toContain('Invoice 7 is order-5.');
    expect(heir.facts).toMatchObject([{ proposal: { basis, requests: [{ tool: 'pay' }], compaction: { by: 'model', summary: 'Invoice 7 is order-5.', model: { inputTokens: expect.any(Number) } } } }]);
  });

  it.each([
    ['for a step that comes for the first time', 1, (text: string) => text],
    ['of another part of the run', 2, (text: string) => JSON.stringify({ ...(JSON.parse(text) as object), upTo: 1 })],
    ['that cannot be read', 2, () => '{"upTo":'],
  ] as const)('is asked for where there is only one %s', async (_, deliveries, change) => {
    const { history, commit, basis } = await fullRun();
    const dying = await planner(history, [found, { status: 400, body: { error: { message: 'no' } } }], []);
    await dying.handle(commit);
    const planted = new Map([...dying.recorded].map(([subject, text]) => [subject, change(text)]));
    const heir = await planner(history, [found, pay], [{ status: 'committed', number: basis + 1 }], history.log, planted);

    expect(await heir.handle(commit, deliveries)).toBe('done');
    expect(heir.server.received).toHaveLength(2);
  });

  it('is used though it could not be recorded, and the operator is told', async () => {
    const { history, commit, basis } = await fullRun();
    const full = new Map<string, string>();
    full.set = () => { throw new Error('the disk is full'); };
    const { handle, facts, lines } = await planner(history, [found, pay], [{ status: 'committed', number: basis + 1 }], history.log, full);

    expect(await handle(commit)).toBe('done');
    expect(facts).toMatchObject([{ proposal: { compaction: { by: 'model' } } }]);
    expect(lines.join('')).toContain('a summary could not be recorded');
  });
});
