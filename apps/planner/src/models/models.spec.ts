import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { MockLanguageModelV4 } from 'ai/test';
import { resolveModel, type ModelSettings } from './models.js';

const noModels = { agents: [] };
const keys = { OPENAI_API_KEY: 'key-o', ANTHROPIC_API_KEY: 'key-a' };
const settings = (change: Partial<ModelSettings> = {}): ModelSettings => ({ environment: keys, ...change });

describe('the model of a name', () => {
  it('is the module\'s own before any provider\'s', () => {
    const own = new MockLanguageModelV4();
    expect(resolveModel('openai/gpt-5', { agents: [], models: { 'openai/gpt-5': () => own } }, settings())).toBe(own);
  });

  it('is replaced for every agent by the override', () => {
    expect(resolveModel('scripted', noModels, settings({ override: 'anthropic/claude' }))).toMatchObject({ modelId: 'claude' });
  });

  it.each([['openai/gpt-5', 'gpt-5', 'openai.responses'], ['anthropic/claude', 'claude', 'anthropic.messages'], ['compatible/org/name:7b', 'org/name:7b', 'compatible.chat']])('%s names a provider and its model', (name, modelId, provider) => {
    expect(resolveModel(name, noModels, settings({ compatibleUrl: 'http://127.0.0.1:1/v1' }))).toMatchObject({ modelId, provider });
  });

  it.each(['scripted', 'openaix', 'openai', 'openai/', '/gpt-5', 'nobody/x'])('is refused where it is "%s", with what to use instead', (name) => {
    expect(() => resolveModel(name, { agents: [], models: { clerk: () => new MockLanguageModelV4() } }, settings())).toThrow(expect.objectContaining({ code: 'model.unknown', retryable: false, message: `No model is called "${name}".`, remedy: expect.stringContaining('clerk') }));
  });

  it.each([['openai/gpt-5', 'OPENAI_API_KEY'], ['anthropic/claude', 'ANTHROPIC_API_KEY'], ['compatible/x', 'HOLDFAST_MODEL_URL']])('%s without its setting names the model and the variable', (name, variable) => {
    for (const environment of [{}, { [variable]: '' }, { [variable]: ' \n' }]) {
      expect(() => resolveModel(name, noModels, { environment })).toThrow(expect.objectContaining({ code: 'model.no-key', message: `The model "${name}" needs ${variable}.`, remedy: expect.stringContaining(variable) }));
    }
  });

  it.each(['hidden-1\nhidden-2', 'hidden-1 hidden-2', 'hidden-\u00e9'])('never quotes a key that no header can carry', (key) => {
    let thrown: unknown;
    try {
      resolveModel('openai/gpt-5', noModels, { environment: { OPENAI_API_KEY: key } });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'model.key-malformed', retryable: false });
    expect(inspect(thrown, { depth: 9 })).not.toContain('hidden');
  });
});
