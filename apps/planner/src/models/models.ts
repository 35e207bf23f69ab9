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
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * The model of a name: one of the agent module's own, or `provider/model`. Throws `model.unknown` or `model.no-key`, which
 * say what to set.
 */
export function resolveModel(name: string, module: AgentModule, settings: ModelSettings): LanguageModel {
  const wanted = settings.override ?? name;
  const own = module.models?.[wanted];
  if (own !== undefined) return own();
  const slash = wanted.indexOf('/');
  const provider = wanted.slice(0, slash);
  const model = wanted.slice(slash + 1);
  switch (provider) {
    case 'openai':
      return createOpenAI({ apiKey: keyOf('OPENAI_API_KEY', settings) })(model);
    case 'anthropic':
      return createAnthropic({ apiKey: keyOf('ANTHROPIC_API_KEY', settings) })(model);
    case 'compatible': {
      if (settings.compatibleUrl === undefined) throw missing('HOLDFAST_MODEL_URL', wanted);
      return createOpenAICompatible({ name: 'compatible', baseURL: settings.compatibleUrl, apiKey: settings.environment['HOLDFAST_MODEL_KEY'] })(model);
    }
    default:
      throw new HoldfastError({ code: 'model.unknown', message: `No model is called "${wanted}".`, retryable: false, remedy: `Use one of the module's own (${Object.keys(module.models ?? {}).join(', ') || 'it has none'}), or openai/…, anthropic/… or compatible/….` });
  }
}

function keyOf(variable: string, settings: ModelSettings): string {
  const key = settings.environment[variable];
  if (key === undefined || key === '') throw missing(variable, settings.override ?? '');
  return key;
}

function missing(variable: string, model: string): HoldfastError {
  return new HoldfastError({ code: 'model.no-key', message: `The model "${model}" needs ${variable}.`, retryable: false, remedy: `Set ${variable} and start the planner again.` });
}
