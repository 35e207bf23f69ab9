import { describe, expect, it } from '@jest/globals';
import type { ReasonerRequest } from '@holdfast/contracts';
import { planningGraph } from './graph.js';
import { ScriptedModel } from './scripted-model.js';

const label = { trust: 'user', secrecy: 'internal', source: 'task' } as const;
const request: ReasonerRequest = {
  protocol: 1, tenant: 'acme', run: 'run-1', basis: 1, agent: { name: 'orderer', digest: 'a'.repeat(64) }, instructions: 'Order what the task names.',
  messages: [{ role: 'user', text: '{"goal":"paper"}', label }], tools: [{ name: 'order', description: 'Orders.', input: { type: 'object' }, digest: 'b'.repeat(64) }], mayOnlyAnswer: false, left: { steps: 9 }, timeoutMs: 1_000,
};

describe('the planning graph', () => {
  const graph = planningGraph(new ScriptedModel(), 'scripted');

  it('thinks, chooses, and ends with a wish where a graph of its own would run the tool', async () => {
    const { reply } = await graph.invoke({ request });
    expect(reply).toEqual({ text: '', requests: [{ id: 'call-1', tool: 'order', arguments: { reference: 'paper' } }], model: { name: 'scripted', inputTokens: 6, outputTokens: 2 } });
  });

  it('keeps nothing from one step to the next: the conversation alone says what was done', async () => {
    const later: ReasonerRequest = { ...request, basis: 3, messages: [
      ...request.messages,
      { role: 'assistant', text: '', calls: [{ id: 'call-1', tool: 'order', arguments: { reference: 'paper' } }], label: { ...label, trust: 'model' } },
      { role: 'tool', results: [{ id: 'call-1', tool: 'order', status: 'succeeded', value: { reference: 'paper' }, label: { ...label, trust: 'organisation' } }] },
    ] };
    expect((await graph.invoke({ request: later })).reply).toMatchObject({ answer: 'It is done.' });
    expect((await graph.invoke({ request })).reply).toMatchObject({ requests: [{ tool: 'order' }] });
    expect(graph.checkpointer).toBeUndefined();
  });
});
