import { env } from 'node:process';
import { ChatOpenAI } from '@langchain/openai';
import { serveReasoner } from '@holdfast/agent-sdk/reasoner';
import { planningGraph } from './graph.js';
import { ScriptedModel } from './scripted-model.js';

const { NATS_URL: servers = 'nats://127.0.0.1:4222', HOLDFAST_NATS_SEED: seed, MODEL_URL: url, MODEL_KEY: apiKey = 'none', MODEL_NAME: name = 'scripted' } = env;

const model = url === undefined ? new ScriptedModel() : new ChatOpenAI({ model: name, apiKey, configuration: { baseURL: url }, maxRetries: 0 });
const graph = planningGraph(model, name);

const served = await serveReasoner({
  name: 'langgraph', servers, seed, onError: (error) => console.error(error),
  propose: async (request, { signal, say }) => {
    // One line for each request, so that anybody can count how often it was asked.
    console.log(JSON.stringify({ asked: request.run, basis: request.basis }));
    const state = await graph.invoke({ request }, { signal });
    say(state.messages[0]?.text ?? '');
    return state.reply;
  },
});
console.log('ready');
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void served.stop());
