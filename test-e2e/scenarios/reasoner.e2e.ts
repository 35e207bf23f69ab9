import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { Strikes } from '../effects/injection/strikes.ts';
import { endOf, runOf, startScenario, until, type Scenario } from './installation.fixture.js';
import { Shop } from './planner-kills/servers.ts';
import { ChatServer } from './reasoner/chat-server.ts';
import { GraphProcess } from './reasoner/graph-process.ts';
import { LIES, startLiar } from './reasoner/liar.ts';

const chat = new ChatServer();
const shop = new Shop();
const graphs: GraphProcess[] = [];
let scenario: Scenario;
let strikes: Strikes<'after-record'>;
let liar: NatsConnection;
let seed: string;

async function startGraph(environment: Readonly<Record<string, string>> = {}): Promise<GraphProcess> {
  const graph = await GraphProcess.start({ NATS_URL: scenario.stack.brokerUrl, HOLDFAST_NATS_SEED: seed, ...environment });
  graphs.push(graph);
  return graph;
}

beforeAll(async () => {
  scenario = await startScenario('reasoner', 2, async (directory) => {
    strikes = Strikes.create<'after-record'>(await directory.folder('strikes'));
    return { SHOP_URL: await shop.open(), NODE_OPTIONS: `--import=${new URL('planner-kills/preload.ts', import.meta.url).href}`, HOLDFAST_PLANNER_STRIKES: strikes.folder };
  }, undefined, { planner: 2 });
  seed = scenario.stack.identities?.reasoner.seed ?? '';
  const served = { MODEL_URL: `${await chat.open()}/v1`, MODEL_NAME: 'served' };
  await Promise.all([startGraph(served), startGraph(served)]);
  liar = await startLiar(scenario.stack.brokerUrl, seed);
});
afterAll(async () => {
  await liar?.close();
  await Promise.all(graphs.map((graph) => graph.end('SIGTERM')));
  await scenario?.stop();
  chat.close();
  shop.close();
});

const give = (id: string, type: string): Promise<unknown> => scenario.publisher.publish({ specversion: '1.0', id, source: '/scenario', type, data: { goal: id } } as never);
const eventsOf = async (runId: string) => (await scenario.gateway.events(runId)).events.map(({ event }) => event);
/** The processes of the graph that were asked about a plan commit of a run, each as often as it was asked; in no order. */
const askedOf = (runId: string, basis = 1): readonly GraphProcess[] => graphs.flatMap((graph) => graph.asked.filter((one) => one === `${runId} ${basis}`).map(() => graph));

describe('a LangGraph graph as the planner', () => {
  it('has its calls judged, made once and recorded, and its model counted', async () => {
    await give('paper', 'com.example.order');
    const run = await endOf(scenario.gateway, 'paper');
    const events = await eventsOf(run.runId);

    expect(run).toMatchObject({ status: 'completed', answer: 'It is ordered.' });
    expect(shop.orders.filter((reference) => reference === 'paper')).toEqual(['paper']);
    expect(events.filter(({ type }) => type === 'decision-made')).toMatchObject([
      { proposal: { requests: [{ tool: 'order', arguments: { reference: 'paper' } }], model: { name: 'served', provider: 'reasoner:langgraph', inputTokens: 60, outputTokens: 8, toolsShown: ['order'] } } },
      { proposal: { answer: 'It is ordered.' } },
    ]);
    expect(events.filter(({ type }) => type === 'policy-checked')).toHaveLength(1);
  });

  it('is killed in the middle of a step, and another instance answers', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    chat.held.set('killed', promise);
    await give('killed', 'com.example.order');
    const { runId } = await until('the run to begin', () => runOf(scenario.gateway, 'killed'));
    const victim = await until('the graph to be asked', async () => askedOf(runId)[0]);
    await victim.end('SIGKILL');
    // It may have died before it asked its model, and then the other one would be held in its place.
    resolve();
    const run = await endOf(scenario.gateway, 'killed');

    expect(run.status).toBe('completed');
    // The victim once and another one once; which of the two processes is the victim is for the broker to say.
    expect(askedOf(runId).map((graph) => graph === victim).sort()).toEqual([false, true]);
    expect(shop.orders.filter((reference) => reference === 'killed')).toEqual(['killed']);
  });

  it('is not asked again for what it answered before its planner was killed', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    chat.held.set('recorded', promise);
    strikes.arm('after-record', 'step');
    await give('recorded', 'com.example.order');
    const { runId } = await until('the run to begin', () => runOf(scenario.gateway, 'recorded'));
    await until('the graph to be asked', async () => askedOf(runId)[0]);
    const { stack } = scenario;
    const before = stack.crashes.length;
    await stack.kill('orchestrator');
    resolve();
    await until('the planner to be gone', async () => (stack.crashes.length > before ? true : undefined));
    await stack.start('orchestrator');
    const run = await endOf(scenario.gateway, 'recorded');

    expect(run.status).toBe('completed');
    expect(stack.crashes.slice(before)).toEqual([expect.stringMatching(/^planner.* ended with SIGKILL$/)]);
    expect(askedOf(runId)).toHaveLength(1);
    expect(shop.orders.filter((reference) => reference === 'recorded')).toEqual(['recorded']);
  });
});

describe('a reasoner that nobody serves', () => {
  it('is named in the log with what to do, until the deadline ends the run', async () => {
    await give('orphaned', 'com.example.orphan');
    const run = await endOf(scenario.gateway, 'orphaned');

    expect(run.status).toBe('failed');
    expect(await eventsOf(run.runId)).toContainEqual(expect.objectContaining({ type: 'model-failed', code: 'reasoner.absent', remedy: expect.stringContaining('Start a process') }));
  });
});

describe('a reasoner that lies', () => {
  it.each(Object.keys(LIES))('with %s, is refused in the log, and nothing happens', async (lie) => {
    await give(lie, 'com.example.lies');
    const run = await endOf(scenario.gateway, lie);
    const events = await eventsOf(run.runId);

    expect(run).toMatchObject({ status: 'completed', answer: 'I give up.' });
    expect(events.filter(({ type }) => type === 'call-refused')).toEqual([expect.objectContaining({ tool: lie === 'a tool that nobody has' ? 'wire_money' : 'unreadable_call' })]);
    expect(events.filter(({ type }) => type === 'tool-called')).toEqual([]);
    expect(shop.orders).not.toContain('stolen');
  });

  it('cannot write or overhear anything with its credentials', async () => {
    const refused: string[] = [];
    void (async () => {
      for await (const status of liar.status()) if (status.type === 'error') refused.push(String(status.error));
    })();
    const { runId } = await until('a run', () => runOf(scenario.gateway, 'paper'));
    const forbidden = [`log.0.acme.${runId}.plan`, `log.1.acme.${runId}.end`, `fact.0.acme.${runId}.plan`, `inbox.0.acme.${runId}.signal`, 'effects.acme.order.x', `answers.acme.${runId}.1`, 'policy.authorize', 'worker.x.execute.y', 'tasks.acme', 'reasoner.langgraph.propose', '_INBOX.planner.x'];
    const before = (await eventsOf(runId)).length;
    for (const subject of forbidden) liar.publish(subject, JSON.stringify({ kind: 'plan' }));
    for (const subject of ['log.>', '_INBOX.planner.>', 'reasoner.>', 'reasoner.langgraph.propose']) liar.subscribe(subject, { callback: () => undefined });
    await liar.flush();
    await until('the broker to have refused it all', async () => (refused.length >= forbidden.length + 4 ? true : undefined));

    expect(await eventsOf(runId)).toHaveLength(before);
    for (const subject of forbidden) expect(refused.join('\n')).toContain(`"${subject}"`);
  });
});
