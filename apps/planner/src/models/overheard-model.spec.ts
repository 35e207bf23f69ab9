import { afterEach, describe, expect, it } from '@jest/globals';
import { generateText, type LanguageModel } from 'ai';
import { ModelServer, chatCompletions, messages, responses, type Answer, type Protocol, type WrittenCall } from './model-server.fixture.js';
import { streamOf } from './model-stream.fixture.js';
import { resolveModel } from './models.js';
import { overheard } from './overheard-model.js';

globalThis.AI_SDK_LOG_WARNINGS = false;

const PATIENCE_MS = 1_000;

const KEY = 'very-hidden-key-0123456789';
const call: WrittenCall = { id: 'call_1', name: 'pay', arguments: '{"invoice":7}' };
const providers: readonly (readonly [string, Protocol])[] = [['compatible', chatCompletions], ['openai', responses], ['anthropic', messages]];

const servers: ModelServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A model of a real server, with what was heard of it. */
async function modelOf(provider: string, ...answers: readonly Answer[]) {
  const server = await ModelServer.answering(...answers);
  servers.push(server);
  const model = await resolveModel(`${provider}/tried`, { agents: [] }, {
    compatibleUrl: server.url, environment: { OPENAI_API_KEY: KEY, ANTHROPIC_API_KEY: KEY, OPENAI_BASE_URL: server.url, ANTHROPIC_BASE_URL: server.url },
  });
  const heard: string[] = [];
  return { server, model, heard, listened: overheard(model, { started: (name) => heard.push(`<${name}>`), said: (text) => heard.push(text) }, PATIENCE_MS) };
}

const ask = (model: LanguageModel) => generateText({ model, prompt: 'Pay.', maxRetries: 1 });

describe.each(providers)('a model of %s', (provider, protocol) => {
  it('is heard word by word, and its answer is the one that it gives unheard', async () => {
    const { model, listened, heard, server } = await modelOf(provider, protocol.text('All of it is paid.'));
    const answer = await ask(listened);
    const unheard = await ask(model);

    expect(heard).toEqual(['<tried>', 'All ', 'of ', 'it ', 'is ', 'paid.']);
    expect([answer.text, answer.finishReason, answer.usage.inputTokens, answer.usage.outputTokens]).toEqual([unheard.text, unheard.finishReason, unheard.usage.inputTokens, unheard.usage.outputTokens]);
    expect(server.received.map(({ body }) => body['stream'] ?? false)).toEqual([true, false]);
  });

  it('has its calls taken whole', async () => {
    const { listened } = await modelOf(provider, protocol.calls(call, { ...call, id: 'call_2' }));
    const { toolCalls, finishReason } = await ask(listened);

    expect(toolCalls).toMatchObject([{ toolCallId: 'call_1', toolName: 'pay', input: { invoice: 7 } }, { toolCallId: 'call_2' }]);
    expect(finishReason).toBe('tool-calls');
  });

  it('that breaks off in the middle has given no answer', async () => {
    const pieces = streamOf(protocol.path, protocol.text('All of it is paid.').body);
    const { listened, heard } = await modelOf(provider, { body: pieces.slice(0, Math.ceil(pieces.length / 2)).join('') });

    await expect(ask(listened)).rejects.toMatchObject({ code: 'model.interrupted', retryable: true });
    expect(heard.slice(0, 2)).toEqual(['<tried>', 'All ']);
  });

  it.each(['hang', 'accept'])('that takes the request and sends nothing (%s) is given up', async (body) => {
    const { listened, heard } = await modelOf(provider, { body });
    await expect(ask(listened)).rejects.toMatchObject({ code: 'model.silent', retryable: true });
    expect(heard).toEqual(['<tried>']);
  });

  it('may take its time once it speaks', async () => {
    const { listened } = await modelOf(provider, { ...protocol.text('All is paid.'), pauseMs: PATIENCE_MS / 3 });
    expect((await ask(listened)).text).toBe('All is paid.');
  });

  it('that is asked again begins again', async () => {
    const { listened, heard } = await modelOf(provider, { status: 500, headers: { 'retry-after-ms': '1' }, body: { error: { message: 'down' } } }, protocol.text('Paid.'));
    await ask(listened);

    expect(heard).toEqual(['<tried>', '<tried>', 'Paid.']);
  });

  it('is not told on when it quotes the key in the middle of its answer', async () => {
    const [first = ''] = streamOf(protocol.path, protocol.text('Paid.').body);
    const { listened } = await modelOf(provider, { body: `${first}data: {"error":{"message":"bad key ${KEY}","type":"error"},"type":"error"}\n\n` });
    const thrown: unknown = await ask(listened).catch((error: unknown) => error);

    expect(thrown).toMatchObject({ code: 'model.interrupted' });
    expect(JSON.stringify([thrown, String(thrown)])).not.toContain(KEY);
  });
});

describe('a model that cannot stream', () => {
  it('is heard when it has answered', async () => {
    const whole = {
      specificationVersion: 'v4', provider: 'own', modelId: 'whole', supportedUrls: {},
      doGenerate: async () => ({ content: [{ type: 'text', text: 'Paid.' }], finishReason: { unified: 'stop', raw: 'stop' }, usage: { inputTokens: { total: 1 }, outputTokens: { total: 1 } }, warnings: [] }),
    } as unknown as LanguageModel;
    const heard: string[] = [];
    const { text } = await ask(overheard(whole, { started: (name) => heard.push(`<${name}>`), said: (word) => heard.push(word) }, PATIENCE_MS));

    expect([text, heard]).toEqual(['Paid.', ['<whole>', 'Paid.']]);
  });
});
