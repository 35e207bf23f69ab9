import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { MockLanguageModelV4 } from 'ai/test';
import { modelsOf, resolveModel, type ModelSettings } from './models.js';

const noModels = { agents: [] };
const keys = { OPENAI_API_KEY: 'key-o', ANTHROPIC_API_KEY: 'key-a' };
const more = { GOOGLE_GENERATIVE_AI_API_KEY: 'key-g', MISTRAL_API_KEY: 'key-m', GROQ_API_KEY: 'key-q' };
const settings = (change: Partial<ModelSettings> = {}): ModelSettings => ({ environment: keys, ...change });

describe('the model of a name', () => {
  it('is the module\'s own before any provider\'s', async () => {
    const own = new MockLanguageModelV4();
    expect(await resolveModel('openai/gpt-5', { agents: [], models: { 'openai/gpt-5': () => own } }, settings())).toBe(own);
  });

  it('is the agent\'s first and then its fallbacks, and is replaced for every agent by the override', async () => {
    const agent = { model: 'openai/gpt-5', fallbacks: ['anthropic/claude', 'own'] };
    const module = { agents: [], models: { own: () => new MockLanguageModelV4() } };
    expect((await modelsOf(agent, module, settings())).map(({ name }) => name)).toEqual(['openai/gpt-5', 'anthropic/claude', 'own']);
    expect(await modelsOf(agent, module, settings({ override: 'anthropic/claude' }))).toMatchObject([{ name: 'anthropic/claude', model: { modelId: 'claude' } }]);
    await expect(modelsOf({ ...agent, fallbacks: ['mistral/large'] }, module, settings())).rejects.toMatchObject({ code: 'model.no-key', remedy: expect.stringContaining('MISTRAL_API_KEY') });
  });

  it('of a provider that is not installed says what to install', async () => {
    await expect(resolveModel('cerebras/x', noModels, { environment: { CEREBRAS_API_KEY: 'k' } })).rejects.toMatchObject({ code: 'model.provider-missing', remedy: expect.stringContaining('@ai-sdk/cerebras') });
  });

  it.each([['openai/gpt-5', 'gpt-5', 'openai.responses'], ['anthropic/claude', 'claude', 'anthropic.messages'], ['compatible/org/name:7b', 'org/name:7b', 'compatible.chat'],
    ['google/gemini', 'gemini', 'google.generative-ai'], ['mistral/large', 'large', 'mistral.chat'], ['groq/llama', 'llama', 'groq.chat']])('%s names a provider and its model', async (name, modelId, provider) => {
    expect(await resolveModel(name, noModels, settings({ compatibleUrl: 'http://127.0.0.1:1/v1', environment: { ...keys, ...more } }))).toMatchObject({ modelId, provider });
  });

  it.each(['scripted', 'openaix', 'openai', 'openai/', '/gpt-5', 'nobody/x'])('is refused where it is "%s", with what to use instead', async (name) => {
    await expect(resolveModel(name, { agents: [], models: { clerk: () => new MockLanguageModelV4() } }, settings())).rejects.toEqual(expect.objectContaining({ code: 'model.unknown', retryable: false, message: `No model is called "${name}".`, remedy: expect.stringContaining('clerk') }));
  });

  it.each([['openai/gpt-5', 'OPENAI_API_KEY'], ['anthropic/claude', 'ANTHROPIC_API_KEY'], ['compatible/x', 'HOLDFAST_MODEL_URL']])('%s without its setting names the model and the variable', async (name, variable) => {
    for (const environment of [{}, { [variable]: '' }, { [variable]: ' \n' }]) {
      await expect(resolveModel(name, noModels, { environment })).rejects.toEqual(expect.objectContaining({ code: 'model.no-key', message: `The model "${name}" needs ${variable}.`, remedy: expect.stringContaining(variable) }));
    }
  });

  it.each(['hidden-1\nhidden-2', 'hidden-1 hidden-2', 'hidden-\u00e9'])('never quotes a key that no header can carry', async (key) => {
    let thrown: unknown;
    try {
      await resolveModel('openai/gpt-5', noModels, { environment: { OPENAI_API_KEY: key } });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'model.key-malformed', retryable: false });
    expect(inspect(thrown, { depth: 9 })).not.toContain('hidden');
  });
});
