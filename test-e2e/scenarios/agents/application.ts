import type { LanguageModel } from 'ai';
import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { models as scripted } from '../waiting/application.ts';

/** The waiting scenario's tools and model, but that the model answers with what it was instructed: so each run tells by which version it went. */
export { contracts, tools } from '../waiting/application.ts';

type Model = Extract<Exclude<LanguageModel, string>, { specificationVersion: 'v4' }>;

const inner = scripted?.['scripted']?.() as Model;
const telling = {
  ...inner,
  doGenerate: async (options: Parameters<Model['doGenerate']>[0]) => {
    const answer = await inner.doGenerate(options);
    const [first] = answer.content;
    const [instructions = ''] = options.prompt.find((message) => message.role === 'system')?.content.split('\n') ?? [];
    return first?.type === 'text' ? { ...answer, content: [{ ...first, text: instructions }] } : answer;
  },
} as LanguageModel;

export const agents: AgentModule['agents'] = [
  defineAgent({
    name: 'lead', instructions: 'Version one: follow the script.', model: 'scripted', trustTier: 'trusted', inputTrust: { 'input.script': 'user' },
    taskTypes: ['com.example.lead'], tools: ['holdfast_wait_signal', 'reserve', 'release'],
  }),
];
export const models: AgentModule['models'] = { scripted: () => telling };
