import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { generateText, jsonSchema, tool as toolOf, type ToolSet } from 'ai';
import { declaredAgents } from '@holdfast/agent-registry';
import type { FactOf, RecordedCommit } from '@holdfast/contracts';
import { callIdOf, fold, initialState, type EarlierRuns, type Input } from '@holdfast/run';
import { History, agent, contractOf, key, plan, signal, succeeded, task, tool } from '../context/history.fixture.js';
import { ModelServer, chatCompletions, type ReceivedRequest } from '../models/model-server.fixture.js';
import { resolveModel } from '../models/models.js';
import { closeServers, pay, planner } from '../planning/planner.fixture.js';
import { PLAN_TOOL } from '../strategies/plan-tool.js';
import { rebuildPrompt, type PromptSources, type RebuiltPrompt } from './rebuild-prompt.js';

globalThis.AI_SDK_LOG_WARNINGS = false;

const STEPS = 12;
const SIGNALLED = 3;
const declared = { ...agent, model: 'compatible/tried' };
type TaskInput = Extract<Input, { fact: FactOf<'task'> }>;

function inThread(input: Input, earlier?: EarlierRuns): Input {
  const { fact, ...rest } = input as TaskInput;
  return { ...rest, agent: { ...agent, budgets: { ...agent.budgets, maxSteps: STEPS + 1, contextTokens: 2_000 } }, ...(earlier === undefined ? {} : { earlier }), fact: { ...fact, event: { ...fact.event, thread: 't1' } } } as Input;
}

/** A run that goes on with a thread, is told of a signal while a model is asked, is summed up, and hears of its budget: by a real planner, with what its model's server was sent. */
async function longRun() {
  const before = await (await History.of(inThread(task), plan(1, [], 'It is due.'))).commits();
  const earlier = { runs: [{ runId: 'run-0', state: fold(before.map(({ commit }) => commit), initialState), hash: before.at(-1)?.commit.hash ?? '' }], omitted: 0 } as EarlierRuns;
  const history = await History.of(inThread(task, earlier));
  const { handle, facts, server } = await planner(history, [pay], Array.from({ length: STEPS }, () => ({ status: 'duplicate' as const })));
  for (let step = 0; step < STEPS; step += 1) {
    const basis = (await history.commits()).findLast(({ commit }) => commit.route === 'plan');
    if (step === SIGNALLED) await history.add(signal('hurry', { until: 'noon' }));
    expect(await handle(basis, step === SIGNALLED ? 2 : 1)).toBe('done');
    const fact = facts.at(-1);
    const wish = plan(basis?.commit.number ?? 0, [['pay', 'allow']]) as Extract<Input, { fact: FactOf<'plan'> }>;
    await history.add({ ...wish, fact: fact ?? wish.fact });
    await history.add(tool(callIdOf(basis?.commit.number ?? 0, 0), succeeded({ step, text: 'x'.repeat(900) })));
  }
  return { history, sent: server.received.filter(({ body }) => body['stream'] === true) };
}

/** What a provider is sent when it is asked with this. */
async function sentWith({ system, messages, tools }: RebuiltPrompt): Promise<ReceivedRequest['body']> {
  const server = await ModelServer.answering(chatCompletions.text('Fine.'));
  const model = await resolveModel('compatible/tried', { agents: [] }, { compatibleUrl: server.url, environment: {} });
  const shown: ToolSet = Object.fromEntries(tools.map(({ name, description, inputSchema }) => [name, toolOf({ description, inputSchema: jsonSchema(inputSchema as Parameters<typeof jsonSchema>[0]) })]));
  await generateText({ model, instructions: system, messages, tools: shown });
  await server.close();
  return server.received[0]?.body ?? {};
}

afterEach(closeServers);

describe('a prompt that is made again', () => {
  let run: Awaited<ReturnType<typeof longRun>>;
  let decisions: readonly RecordedCommit[];
  let sources: PromptSources;
  beforeAll(async () => {
    run = await longRun();
    await closeServers();
    decisions = (await run.history.commits()).filter(({ commit }) => commit.events.some(({ type }) => type === 'decision-made'));
    sources = { log: run.history.log, agents: declaredAgents([declared]), contractOf };
  });

  it('is of a run that has everything: a thread, a signal, summaries, notices', async () => {
    const types = new Set((await run.history.commits()).flatMap(({ commit }) => commit.events.map(({ type }) => type)));
    expect([...types]).toEqual(expect.arrayContaining(['thread-read', 'signal-received', 'context-compacted', 'notice-given']));
    expect(decisions).toHaveLength(STEPS);
  });

  it('is, for every step, what the model was sent, and has the recorded digest', async () => {
    for (const [step, { commit }] of decisions.entries()) {
      const rebuilt = await rebuildPrompt(sources, key, commit.number);
      expect([step, rebuilt.holds, rebuilt.missing]).toEqual([step, true, []]);
      const { messages, tools } = await sentWith(JSON.parse(JSON.stringify(rebuilt)) as RebuiltPrompt);
      expect({ messages, tools }).toEqual({ messages: run.sent[step]?.body['messages'], tools: run.sent[step]?.body['tools'] });
    }
  });

  it('tells how far the model had been told, and is found by the plan commit too', async () => {
    const { commit } = decisions[SIGNALLED] ?? { commit: { number: 0 } };
    const rebuilt = await rebuildPrompt(sources, key, commit.number);
    expect(rebuilt).toMatchObject({ decision: commit.number, toldUpTo: commit.number - 1, agent: { name: 'payer' }, toolChoice: 'auto' });
    expect(JSON.stringify(rebuilt.messages)).toContain('hurry');
    expect(await rebuildPrompt(sources, key, commit.number - 2)).toEqual(rebuilt);
    expect((await rebuildPrompt(sources, key)).decision).toBe(decisions.at(-1)?.commit.number);
  });

  it('names its contracts once in the log, for as long as they stay', () => {
    const named = decisions.map(({ commit }) => commit.events.flatMap((event) => (event.type === 'decision-made' ? [event.proposal.model.contracts] : []))[0]);
    expect(named).toEqual([{ pay: contractOf('pay').digest }, ...Array.from({ length: STEPS - 1 }, () => undefined)]);
  });

  it('names a contract that nobody has any more, and holds all the same', async () => {
    expect(await rebuildPrompt({ ...sources, contractOf: () => undefined }, key)).toMatchObject({ holds: true, tools: [], missing: [{ tool: 'pay', contract: contractOf('pay').digest }] });
  });

  it('does not hold where anything else was shown', async () => {
    expect(await rebuildPrompt({ ...sources, agents: declaredAgents([{ ...declared, instructions: 'Pay everybody.' }]) }, key)).toMatchObject({ holds: false, recorded: expect.any(String) });
  });

  it('is not to be had without the agent\'s version, or where nothing was decided', async () => {
    await expect(rebuildPrompt({ ...sources, agents: declaredAgents([]) }, key)).rejects.toMatchObject({ code: 'agent.version-missing' });
    await expect(rebuildPrompt(sources, key, 9_999)).rejects.toMatchObject({ code: 'run.no-decision' });
  });
});

it('of a run that goes by a plan is made again too, before the plan and after it', async () => {
  const history = await History.of({ ...(task as TaskInput), agent: { ...agent, strategy: 'plan-then-execute', budgets: { ...agent.budgets, maxReplans: 1 } } });
  const plans = chatCompletions.calls({ id: 'call_1', name: PLAN_TOOL, arguments: JSON.stringify({ steps: [{ intention: 'pay the invoice', tools: ['pay'] }] }) });
  const { handle, facts, server } = await planner(history, [plans, pay], Array.from({ length: 2 }, () => ({ status: 'duplicate' as const })));
  for (const calls of [[], [['pay', 'allow'] as const]]) {
    const basis = (await history.commits()).findLast(({ commit }) => commit.route === 'plan');
    expect(await handle(basis)).toBe('done');
    const wish = plan(basis?.commit.number ?? 0, calls) as Extract<Input, { fact: FactOf<'plan'> }>;
    await history.add({ ...wish, fact: facts.at(-1) ?? wish.fact });
  }
  const decisions = (await history.commits()).filter(({ commit }) => commit.events.some(({ type }) => type === 'decision-made'));
  expect(decisions).toHaveLength(2);
  for (const [step, { commit }] of decisions.entries()) {
    const rebuilt = await rebuildPrompt({ log: history.log, agents: declaredAgents([declared]), contractOf }, key, commit.number);
    expect([step, rebuilt.holds]).toEqual([step, true]);
    const { messages, tools } = await sentWith(rebuilt);
    expect({ messages, tools }).toEqual({ messages: server.received[step]?.body['messages'], tools: server.received[step]?.body['tools'] });
  }
});
