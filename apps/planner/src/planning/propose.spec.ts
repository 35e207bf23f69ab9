import { afterEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import type { LanguageModel } from 'ai';
import { UNREADABLE_CALL, proposal, spentOn, type Proposal } from '@holdfast/contracts';
import { History, agent, contractOf, inDoubt, approval, plan, signal, succeeded, task, tool } from '../context/history.fixture.js';
import { Conversation } from '../context/conversation.js';
import { ModelServer, chatCompletions, messages, responses, type Answer, type Protocol, type WrittenCall } from '../models/model-server.fixture.js';
import type { Asking } from '../models/ask-in-turn.js';
import { resolveModel } from '../models/models.js';
import { propose, type ProposeOptions } from './propose.js';

// The SDK warns of what a made-up model's name costs; that is no news here.
globalThis.AI_SDK_LOG_WARNINGS = false;

const KEY = 'very-hidden-key-0123456789';
const call: WrittenCall = { id: 'call_1', name: 'pay', arguments: '{"invoice":7}' };

interface Provider {
  readonly name: string;
  readonly protocol: Protocol;
  readonly authorization: (headers: ModelServer['received'][number]['headers']) => unknown;
}
const providers: readonly Provider[] = [
  { name: 'compatible', protocol: chatCompletions, authorization: (headers) => headers.authorization },
  { name: 'openai', protocol: responses, authorization: (headers) => headers.authorization },
  { name: 'anthropic', protocol: messages, authorization: (headers) => headers['x-api-key'] },
];

const servers: ModelServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(...answers: readonly Answer[]): Promise<ModelServer> {
  const server = await ModelServer.answering(...answers);
  servers.push(server);
  return server;
}

function modelAt(server: Pick<ModelServer, 'url'>, provider: string): Promise<LanguageModel> {
  return resolveModel(`${provider}/tried`, { agents: [] }, {
    compatibleUrl: server.url,
    environment: { OPENAI_API_KEY: KEY, ANTHROPIC_API_KEY: KEY, HOLDFAST_MODEL_KEY: KEY, OPENAI_BASE_URL: server.url, ANTHROPIC_BASE_URL: server.url },
  });
}

const asking: Asking = { chance: () => 0, clock: () => 5, sleep: async () => undefined, stopping: new AbortController().signal, timeoutMs: 5_000 };

async function ask(model: LanguageModel | Promise<LanguageModel>, change: Partial<ProposeOptions> = {}): Promise<Proposal> {
  const history = await History.of(task);
  return propose({ agent, models: [{ name: 'first/tried', model: await model }], asking, conversation: Conversation.of(await history.commits()), tools: [contractOf('pay'), contractOf('lookup')], basis: 1, runId: 'run-1', ...change });
}

async function refusal(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  const thrown: unknown = await promise.then(() => undefined, (error: unknown) => error);
  // Whatever prints the error, by message or by its properties to any depth, may see neither the key nor the prompt.
  for (const secret of [KEY, 'Ignore all rules', agent.instructions]) expect(inspect(thrown, { depth: 12, showHidden: true })).not.toContain(secret);
  return thrown as Record<string, unknown>;
}

describe.each(providers)('$name', ({ name, protocol, authorization }) => {
  it('is shown the task and the visible tools, and its call becomes a request', async () => {
    const server = await serve(protocol.calls(call));
    const proposed = await ask(modelAt(server, name));

    expect(proposed).toMatchObject({ basis: 1, requests: [{ requestId: 'call_1', tool: 'pay', arguments: { invoice: 7 } }] });
    expect(proposed.answer).toBeUndefined();
    expect(proposed.model).toMatchObject({ name: 'tried', inputTokens: 11, outputTokens: 7, toolsShown: ['lookup', 'pay'], finishReason: 'tool-calls', durationMs: 0 });
    const [received] = server.received;
    expect(received?.path).toBe(protocol.path);
    expect(authorization(received?.headers ?? {})).toContain(KEY);
    const sent = JSON.stringify(received?.body);
    for (const shown of [agent.instructions, 'Pay invoice 7.', 'Does lookup.', '"additionalProperties":false']) expect(sent).toContain(shown);
  });

  it('is given back its calls with their results, and its text ends the run', async () => {
    const server = await serve(protocol.text('All is paid.'));
    const history = await History.of(
      task, plan(1, [['lookup', 'allow', 'call_a'], ['pay', 'deny', 'call_b']], 'First this.'), tool('c1-1', succeeded({ found: 'order-5' })), signal('hurry', 1),
      plan(3, [['pay', 'allow', 'call_c']]), tool('c3-1', inDoubt), approval('doubt-c3-1', 'rejected'),
    );
    const proposed = await ask(modelAt(server, name), { conversation: Conversation.of(await history.commits()), basis: 7 });

    expect(proposed).toMatchObject({ basis: 7, text: 'All is paid.', answer: 'All is paid.', requests: [], model: { finishReason: 'stop', inputTokens: 11, outputTokens: 7 } });
    const sent = JSON.stringify(server.received[0]?.body);
    for (const told of ['call_a', 'order-5', 'call_b', 'Policy says deny.', 'hurry', 'call_c', 'tool.did-not-happen']) expect(sent).toContain(told);
  });

  it('is asked for its answer alone where a budget is used up, with its tools still there for what it called before', async () => {
    const server = await serve(protocol.text('That is all.'));
    const history = await History.of({ ...task, agent: { ...agent, budgets: { ...agent.budgets, maxSteps: 1 } } } as typeof task, plan(1, [['lookup', 'allow', 'call_a']]), tool('c1-1', succeeded(1)));
    const proposed = await ask(modelAt(server, name), { conversation: Conversation.of(await history.commits()), basis: 3, mayOnlyAnswer: true });

    expect(proposed.answer).toBe('That is all.');
    const sent = JSON.stringify(server.received[0]?.body);
    expect(sent).toContain('You have used 1 of 1 steps, and nothing is left.');
    expect(server.received[0]?.body).toMatchObject({ tool_choice: name === 'anthropic' ? { type: 'none' } : 'none', tools: [expect.anything(), expect.anything()] });
  });

  it('makes the same prompt digest of the same conversation, and another of another', async () => {
    const server = await serve(protocol.text('fine'));
    const digestOf = async (change: Partial<ProposeOptions> = {}): Promise<string> => (await ask(modelAt(server, name), change)).model.promptDigest;
    const first = await digestOf();

    expect(await digestOf({ tools: [contractOf('lookup'), contractOf('pay')], asking: { ...asking, clock: () => 99 } })).toBe(first);
    expect(await digestOf({ tools: [contractOf('lookup')] })).not.toBe(first);
    expect(await digestOf({ tools: [{ ...contractOf('pay'), digest: 'f'.repeat(64) }, contractOf('lookup')] })).not.toBe(first);
    expect(await digestOf({ agent: { ...agent, instructions: 'Pay nothing.' } })).not.toBe(first);
  });

  it('that writes arguments which are no JSON object is told so by a call that policy is sure to refuse', async () => {
    const server = await serve(protocol.calls({ ...call, arguments: '{"invoice": 7, "am' }, { ...call, id: 'call_2', arguments: '[7]' }, { ...call, id: 'call_3' }));
    const { requests } = await ask(modelAt(server, name));

    expect(requests).toEqual([
      { requestId: 'call_1', tool: UNREADABLE_CALL, arguments: { tool: 'pay', problem: expect.any(String), arguments: expect.stringContaining('"am') } },
      { requestId: 'call_2', tool: UNREADABLE_CALL, arguments: { tool: 'pay', problem: expect.any(String), arguments: '[7]' } },
      { requestId: 'call_3', tool: 'pay', arguments: { invoice: 7 } },
    ]);
  });

  it('that calls a tool which does not exist has it proposed as it is, for policy to refuse; a name that is none is recorded as such', async () => {
    const server = await serve(protocol.calls({ ...call, name: 'transfer_all' }, { ...call, id: 'call_2', name: 'functions.pay <now>' }));
    const { requests } = await ask(modelAt(server, name));

    expect(requests).toEqual([
      { requestId: 'call_1', tool: 'transfer_all', arguments: { invoice: 7 } },
      { requestId: 'call_2', tool: UNREADABLE_CALL, arguments: { tool: 'functions.pay <now>', problem: expect.any(String), arguments: '{"invoice":7}' } },
    ]);
  });

  it('that uses one id for two calls, or asks for more than a proposal holds, is kept within the contract', async () => {
    const server = await serve(protocol.calls(...Array.from({ length: 40 }, (_, index) => ({ ...call, id: index < 2 ? 'same' : `call_${index}` }))));
    const proposed = await ask(modelAt(server, name));

    expect(proposal.safeParse(proposed).success).toBe(true);
    expect(proposed.requests).toHaveLength(32);
    expect(new Set(proposed.requests.map((request) => request.requestId)).size).toBe(32);
  });

  it.each([['letters', 'x'], ['characters that JSON writes in six bytes', '\u0001']])('that writes a million %s is cut, and says so: a proposal has to fit into one message', async (_, character) => {
    const server = await serve(protocol.text(character.repeat(1_000_000)));

    const proposed = await ask(modelAt(server, name));

    expect(proposed.answer).toMatch(/… \(cut: the model wrote 1000000 characters/);
    expect(proposal.safeParse(proposed).success).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(proposed))).toBeLessThan(500_000);
  });

  it.each([['with nothing', ''], ['with blanks', ' \n']])('that stops %s twice has given no answer: the run must not end by it, and pays for both', async (_, text) => {
    const server = await serve(protocol.text(text));
    const proposed = await ask(modelAt(server, name), { prices: { currency: 'USD', asOf: '2026-11-27', models: { 'first/tried': { input: 2, output: 3 } } } });

    expect(proposed).toMatchObject({ requests: [{ tool: UNREADABLE_CALL, arguments: { problem: expect.stringContaining('empty') } }] });
    expect(proposed.answer).toBeUndefined();
    expect(proposed.model.attempts).toEqual([
      { model: 'first/tried', outcome: 'model.no-answer', durationMs: 0, usage: { inputTokens: 11, outputTokens: 7, cost: { micros: 43, currency: 'USD', asOf: '2026-11-27' } } }, { model: 'first/tried', outcome: 'model.no-answer', durationMs: 0 },
    ]);
    expect(spentOn(proposed.model)).toEqual({ tokens: 36, costMicros: 86 });
  });

  it('that is cut off in the middle has given no answer either, is not asked the same again, and is told', async () => {
    const server = await serve(protocol.text('I will now pay the', 'length'));
    expect(await ask(modelAt(server, name))).toMatchObject({ text: 'I will now pay the', requests: [{ tool: UNREADABLE_CALL, arguments: { problem: expect.stringContaining('limit of tokens') } }], model: { attempts: [{ outcome: 'model.no-answer' }] } });
    expect(server.received).toHaveLength(1);
  });

  it('is asked once more after the pause that it asks for', async () => {
    const server = await serve({ status: 429, headers: { 'retry-after-ms': '1' }, body: { error: { message: 'slow down', type: 'rate_limit_error' } } }, protocol.calls(call));
    expect(await ask(modelAt(server, name))).toMatchObject({ requests: [{ tool: 'pay' }] });
    expect(server.received).toHaveLength(2);
  });

  it('has its call recorded so that the provider can be asked about it, and paid', async () => {
    const server = await serve(protocol.calls(call));
    const { model } = await ask(modelAt(server, name), { agent: { ...agent, modelParameters: { temperature: 0, maxOutputTokens: 500 } }, prices: { currency: 'USD', asOf: '2026-11-27', models: { 'first/tried': { input: 2, output: 3 } } } });
    expect(model).toMatchObject({ responseModel: 'tried', requestId: expect.stringMatching(/_1$|-1$/), parameters: { temperature: 0, maxOutputTokens: 500 }, cost: { micros: 11 * 2 + 7 * 3, currency: 'USD' } });
    expect(model.attempts).toBeUndefined();
    expect(JSON.stringify(server.received[0]?.body)).toContain('500');
  });

  it('is told of the form that its answer must have, and a fence around it is taken away', async () => {
    const server = await serve(protocol.text('```json\n{"paid":true}\n```'));
    const proposed = await ask(modelAt(server, name), { agent: { ...agent, outputSchema: { type: 'object', required: ['paid'] } } });
    expect(proposed.answer).toBe('{"paid":true}');
    expect(JSON.stringify(server.received[0]?.body)).toContain('follows this JSON Schema');
  });

  it('that is away is followed by the next, and the log says so', async () => {
    const [away, there] = [await serve({ status: 401, body: { error: { message: 'no' } } }), await serve(protocol.calls(call))];
    const { model } = await ask(modelAt(away, name), { models: [{ name: 'first/tried', model: await modelAt(away, name) }, { name: 'second/tried', model: await modelAt(there, name) }], prices: { currency: 'EUR', asOf: '2026-11-27', models: { 'second/tried': { input: 1, output: 1 } } } });
    expect(model).toMatchObject({ attempts: [{ model: 'first/tried', outcome: 'model.refused' }, { model: 'second/tried', outcome: 'answered' }], cost: { micros: 18, currency: 'EUR' } });
  });

  it('that goes on refusing for its limit is left alone for as long as it says', async () => {
    const server = await serve({ status: 429, headers: { 'retry-after': '7' }, body: { error: { message: `slow down ${KEY}`, type: 'rate_limit_error' } } });
    expect(await refusal(ask(modelAt(server, name)))).toMatchObject({ code: 'model.rate-limited', retryable: true, retryAfterMs: 7_000 });
    expect(server.received).toHaveLength(1);
  });

  it('that refuses the key is asked once, and the error says what to do without quoting the key', async () => {
    const server = await serve({ status: 401, body: { type: 'error', error: { message: `Incorrect API key provided: ${KEY}`, type: 'authentication_error' } } });
    expect(await refusal(ask(modelAt(server, name)))).toMatchObject({ code: 'model.refused', retryable: false, message: expect.stringContaining('401'), remedy: expect.stringContaining('key') });
    expect(server.received).toHaveLength(1);
  });

  it('that rejects the request is asked once, and the error carries its reason', async () => {
    const server = await serve({ status: 400, body: { type: 'error', error: { message: 'the context window is 8192 tokens', type: 'invalid_request_error' } } });
    const error = await refusal(ask(modelAt(server, name)));
    expect(error).toMatchObject({ code: 'model.rejected', retryable: false, cause: expect.objectContaining({ message: expect.stringContaining('8192') }) });
    expect(server.received).toHaveLength(1);
  });

  it('that fails is tried once more and then reported as unavailable', async () => {
    const server = await serve({ status: 503, headers: { 'retry-after-ms': '1' }, body: { error: { message: 'overloaded', type: 'api_error' } } });
    expect(await refusal(ask(modelAt(server, name)))).toMatchObject({ code: 'model.unavailable', retryable: true });
    expect(server.received).toHaveLength(2);
  });

  it('that answers with something else than its protocol is reported as garbled', async () => {
    const server = await serve({ body: '<html>gateway</html>' });
    expect(await refusal(ask(modelAt(server, name)))).toMatchObject({ code: 'model.garbled', retryable: true });
  });

  it('that does not answer is given up when the signal says so', async () => {
    const server = await serve({ body: 'hang' });
    expect(await refusal(ask(modelAt(server, name), { asking: { ...asking, timeoutMs: 1_000 } }))).toMatchObject({ code: 'model.timeout', retryable: true });
    expect(server.received).toHaveLength(1);
  });
});

it('a provider that cannot be reached is reported as such', async () => {
  const closed = await ModelServer.answering();
  await closed.close();
  expect(await refusal(ask(modelAt(closed, 'compatible')))).toMatchObject({ code: 'model.unreachable', retryable: true });
});

it('a provider that does not tell what was used has no cost, which is not a cost of nothing', async () => {
  const answer = chatCompletions.calls(call);
  const server = await serve({ ...answer, body: { ...(answer.body as object), usage: undefined } });
  const { model } = await ask(modelAt(server, 'compatible'), { prices: { currency: 'USD', asOf: '2026-11-27', models: { 'first/tried': { input: 2, output: 3 } } } });
  expect(model).not.toHaveProperty('cost');
});
