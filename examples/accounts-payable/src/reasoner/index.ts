import type { ProviderLanguageModel } from './language-model.js';
import { ScriptedReasoner } from './scripted-reasoner.js';

export type { ProviderLanguageModel } from './language-model.js';
export { ScriptedReasoner } from './scripted-reasoner.js';

/** The demonstration's model: needs no key and no network, and is used wherever the AI SDK takes a language model. */
export function createReasoner(): ProviderLanguageModel {
  return new ScriptedReasoner();
}
