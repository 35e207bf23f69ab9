import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel } from 'ai';
import { HoldfastError } from '@holdfast/contracts';
import type { AgentModule } from '@holdfast/agent-sdk';

export interface ModelSettings {
  /** Replaces the agent's own choice. */
  readonly override?: string | undefined;
  readonly compatibleUrl?: string | undefined;
  /** Where keys are read (`OPENAI_API_KEY`, …) and, where they are set, the providers' addresses (`OPENAI_BASE_URL`, …). */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * The model of a name: one of the agent module's own, or `provider/model`. Throws `model.unknown`, `model.no-key` or
 * `model.key-malformed`, which say what to set.
 */
export function resolveModel(name: string, module: AgentModule, settings: ModelSettings): LanguageModel {
  const wanted = settings.override ?? name;
  const own = module.models?.[wanted];
  if (own !== undefined) return own();
  const [, provider, model = ''] = /^([a-z-]+)\/(.+)$/.exec(wanted) ?? [];
  const { environment } = settings;
  switch (provider) {
    case 'openai':
      return createOpenAI({ apiKey: keyOf('OPENAI_API_KEY', wanted, settings), baseURL: environment['OPENAI_BASE_URL'] || undefined })(model);
    case 'anthropic':
      return createAnthropic({ apiKey: keyOf('ANTHROPIC_API_KEY', wanted, settings), baseURL: environment['ANTHROPIC_BASE_URL'] || undefined })(model);
    case 'compatible': {
      if (settings.compatibleUrl === undefined) throw missing('HOLDFAST_MODEL_URL', wanted);
      const apiKey = environment['HOLDFAST_MODEL_KEY'] ? keyOf('HOLDFAST_MODEL_KEY', wanted, settings) : undefined;
      return createOpenAICompatible({ name: 'compatible', baseURL: settings.compatibleUrl, apiKey, includeUsage: true })(model);
    }
    default:
      throw new HoldfastError({ code: 'model.unknown', message: `No model is called "${wanted}".`, retryable: false, remedy: `Use one of the module's own (${Object.keys(module.models ?? {}).join(', ') || 'it has none'}), or openai/…, anthropic/… or compatible/….` });
  }
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
