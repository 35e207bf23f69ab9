import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, nkeyAuthenticator, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { serveReasoner, type ReasonerOptions, type ServedReasoner } from '@holdfast/agent-sdk/reasoner';
import { Bus } from '@holdfast/bus';
import { HoldfastError, inboxPrefix, subjects } from '@holdfast/contracts';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { askReasoner } from './ask-reasoner.js';
import { request } from './reasoner.fixture.js';

/** The protocol between a planner and processes of others, over the real broker with its real permissions. */
describe('asking a reasoner', () => {
  let broker: TestBroker;
  let bus: Bus;
  const open: { stop(): Promise<unknown> }[] = [];
  beforeAll(async () => {
    broker = await startTestBroker();
    bus = await Bus.connect({ url: broker.url, role: 'planner', seed: broker.seedOf('planner'), name: 'contract-planner' });
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.stop();
  });
  afterAll(async () => {
    await bus?.close();
    await broker?.stop();
  });

  const heard: string[] = [];
  const ask = (name: string, signal = new AbortController().signal, headers: Record<string, string> = {}) => askReasoner(name, request, { bus, headers, signal, said: (text) => void heard.push(text) });
  async function serve(name: string, propose: ReasonerOptions['propose'], onError?: ReasonerOptions['onError']): Promise<ServedReasoner> {
    const served = await serveReasoner({ name, servers: broker.url, seed: broker.seedOf('reasoner'), propose, ...(onError === undefined ? {} : { onError }) });
    open.push(served);
    return served;
  }
  /** A process that knows nothing but NATS, and answers a request as it likes. */
  async function bare(name: string, answer: (message: Msg, connection: NatsConnection) => void): Promise<NatsConnection> {
    const connection = await connect({ servers: broker.url, authenticator: nkeyAuthenticator(new TextEncoder().encode(broker.seedOf('reasoner'))), inboxPrefix: inboxPrefix('reasoner') });
    connection.subscribe(subjects.reasonerPropose(name), { queue: 'reasoner', callback: (error, message) => (error === null ? answer(message, connection) : undefined) });
    await connection.flush();
    open.push({ stop: () => connection.close() });
    return connection;
  }

  it('brings the request whole, and the answer; what it says meanwhile is heard', async () => {
    await serve('whole', async (asked, { say, header }) => {
      say('Let me see.');
      return { text: `${asked.run} ${header('traceparent')}`, requests: [{ tool: 'pay', arguments: { invoice: 7, asked } }] };
    });
    expect(await ask('whole', undefined, { traceparent: '00-a-b-01' })).toEqual({ basis: 3, text: 'run-1 00-a-b-01', requests: [{ tool: 'pay', arguments: { invoice: 7, asked: request } }] });
    expect(heard).toEqual(['Let me see.']);
  });

  it('fails at once, with what to do, when no process answers for the name', async () => {
    await expect(ask('nobody')).rejects.toMatchObject({ code: 'reasoner.absent', retryable: true, remedy: expect.stringContaining('Start a process') });
  });

  it('brings the reasoner\'s own refusal, and of an unexpected error no more than that there was one', async () => {
    const unexpected: unknown[] = [];
    await serve('refusing', async ({ tools: [tool] }) => {
      if (tool?.name === 'pay') throw new HoldfastError({ code: 'quota.used-up', message: 'No more today.', retryable: false, remedy: 'Buy more.' });
      return {};
    });
    await serve('broken', async () => { throw new TypeError('a secret detail'); }, (error) => unexpected.push(error));
    await expect(ask('refusing')).rejects.toMatchObject({ code: 'reasoner.failed', message: 'The reasoner "refusing" gave no answer (quota.used-up): No more today.', retryable: false, remedy: 'Buy more.' });
    await expect(ask('broken')).rejects.toMatchObject({ code: 'reasoner.failed', retryable: true, message: expect.not.stringContaining('secret') });
    expect(String(unexpected)).toContain('a secret detail');
  });

  it('gives up soon on an instance that dies at work, and another one answers the same request', async () => {
    const dying = await bare('dying', (message, connection) => {
      message.respond('{"working":true}');
      void connection.flush().then(() => connection.close());
    });
    await expect(ask('dying')).rejects.toMatchObject({ code: 'reasoner.silent', retryable: true });
    expect(dying.isClosed()).toBe(true);
    await serve('dying', async () => ({ answer: 'done' }));
    expect(await ask('dying')).toMatchObject({ answer: 'done' });
  });

  it('waits for one that says nothing until its answer, and for one that takes longer than a silence and says that it is at work', async () => {
    await bare('quiet', (message) => void setTimeout(() => message.respond('{"basis":3,"answer":"late"}'), 6_000));
    await serve('slow', () => new Promise((resolve) => { setTimeout(() => resolve({ answer: 'slow' }), 6_000); }));
    expect(await Promise.all([ask('quiet'), ask('slow')])).toMatchObject([{ answer: 'late' }, { answer: 'slow' }]);
  });

  it('ends when nobody waits any more', async () => {
    await bare('endless', () => undefined);
    await expect(ask('endless', AbortSignal.timeout(200))).rejects.toMatchObject({ code: 'reasoner.timeout', retryable: true });
  });

  it.each<readonly [string, string, string, string]>([
    ['no JSON', 'Sure! I would pay.', 'reasoner.garbled', 'no JSON object'],
    ['nothing', '', 'reasoner.garbled', 'no JSON object'],
    ['another basis', '{"basis":4,"answer":"done"}', 'reasoner.wrong-basis', 'commit 4'],
    ['neither calls nor an answer', '{"basis":3}', 'reasoner.garbled', 'either requests or an answer'],
    ['calls and an answer', '{"basis":3,"answer":"done","requests":[{"tool":"pay","arguments":{}}]}', 'reasoner.garbled', 'either requests or an answer'],
    ['33 calls', JSON.stringify({ basis: 3, requests: Array.from({ length: 33 }, () => ({ tool: 'pay', arguments: {} })) }), 'reasoner.garbled', 'requests'],
    ['a megabyte of text', JSON.stringify({ basis: 3, text: 'x'.repeat(1_000_000), answer: 'done' }), 'reasoner.garbled', 'text'],
    ['members that the protocol does not have', '{"basis":3,"answer":"done","label":{"trust":"user"}}', 'reasoner.garbled', 'label'],
    ['an error of another shape', `{"error":{"code":{"evil":1},"message":"${'x'.repeat(100_000)}"}}`, 'reasoner.garbled', 'error.code'],
    ['tokens of less than nothing', '{"basis":3,"answer":"done","model":{"name":"m","inputTokens":-5,"outputTokens":1}}', 'reasoner.garbled', 'inputTokens'],
  ])('refuses %s, and says so in few words', async (what, answer, code, word) => {
    const name = `liar-${[...what].filter((letter) => /[a-z0-9]/.test(letter)).join('')}`;
    await bare(name, (message) => void message.respond(answer));
    const error = await ask(name).catch((reason: unknown) => reason as HoldfastError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(word), retryable: true });
    expect((error as HoldfastError).message.length).toBeLessThan(700);
  });

  it('is not flooded: the broker lets a reasoner send no more than its messages for one request', async () => {
    let refused = 0;
    const flooding = await bare('flooding', (message) => {
      for (let sent = 0; sent < 1_300; sent += 1) message.respond('{"working":true}');
      message.respond('{"basis":3,"answer":"done"}');
    });
    void (async () => {
      for await (const status of flooding.status()) if (status.type === 'error') refused += 1;
    })();
    await expect(ask('flooding')).rejects.toMatchObject({ code: 'reasoner.silent' });
    expect(refused).toBeGreaterThan(0);
  });
});
