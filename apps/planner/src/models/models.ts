import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel } from 'ai';
import { HoldfastError, type AgentDeclaration } from '@holdfast/contracts';
import type { AgentModule } from '@holdfast/agent-sdk';
import { PROVIDERS, loadProvider } from './providers.js';

export interface ModelSettings {
  /** Replaces the agent's own choice, fallbacks included. */
  readonly override?: string | undefined;
  readonly compatibleUrl?: string | undefined;
  /** Where keys are read (`OPENAI_API_KEY`, …) and, where they are set, the providers' addresses (`OPENAI_BASE_URL`, …). */
  readonly environment: NodeJS.ProcessEnv;
}

/** A model by the name that agents, prices and rates call it by. */
export interface NamedModel {
  readonly name: string;
  readonly model: LanguageModel;
}

/** The agent's models in the order in which they are asked; none where it names none. Throws what {@link resolveModel} throws, for any of them. */
export function modelsOf({ model, fallbacks = [] }: Pick<AgentDeclaration, 'model' | 'fallbacks'>, module: AgentModule, settings: ModelSettings): Promise<readonly NamedModel[]> {
  if (model === undefined) return Promise.resolve([]);
  const names = settings.override === undefined ? [model, ...fallbacks] : [settings.override];
  return Promise.all(names.map(async (name) => ({ name, model: await resolveModel(name, module, settings) })));
}

/**
 * The model of a name: one of the agent module's own, or `provider/model`. Throws `model.unknown`, `model.no-key`,
 * `model.key-malformed` or `model.provider-missing`, which say what to set or install.
 */
export async function resolveModel(wanted: string, module: AgentModule, settings: ModelSettings): Promise<LanguageModel> {
  const own = module.models?.[wanted];
  if (own !== undefined) return own();
  const [, provider = '', model = ''] = /^([a-z-]+)\/(.+)$/.exec(wanted) ?? [];
  const { environment } = settings;
  if (provider === 'compatible') {
    if (settings.compatibleUrl === undefined) throw missing('HOLDFAST_MODEL_URL', wanted);
    const apiKey = environment['HOLDFAST_MODEL_KEY'] ? keyOf('HOLDFAST_MODEL_KEY', wanted, settings) : undefined;
    return createOpenAICompatible({ name: 'compatible', baseURL: settings.compatibleUrl, apiKey, includeUsage: true })(model);
  }
  const known = Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider] : undefined;
  if (known === undefined) {
    throw new HoldfastError({ code: 'model.unknown', message: `No model is called "${wanted}".`, retryable: false, remedy: `Use one of the module's own (${Object.keys(module.models ?? {}).join(', ') || 'it has none'}), compatible/…, or a provider's: ${Object.keys(PROVIDERS).map((name) => `${name}/…`).join(', ')}.` });
  }
  const apiKey = keyOf(known.key, wanted, settings);
  const baseURL = environment[known.url] || undefined;
  return (await loadProvider(provider))({ apiKey, ...(baseURL === undefined ? {} : { baseURL }) })(model);
}

function keyOf(variable: string, model: string, settings: ModelSettings): string {
  const key = settings.environment[variable]?.trim();
  if (key === undefined || key === '') throw missing(variable, model);
  // HTTP refuses any other character in a header, with an error that quotes the whole key.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new HoldfastError({ code: 'model.key-malformed', message: `${variable} holds characters that no key has, such as a blank or a line break in its middle.`, retryable: false, remedy: `Correct ${variable} and start the planner again.` });
  }
  return key;
}

function missing(variable: string, model: string): HoldfastError {
  return new HoldfastError({ code: 'model.no-key', message: `The model "${model}" needs ${variable}.`, retryable: false, remedy: `Set ${variable} and start the planner again.` });
}
