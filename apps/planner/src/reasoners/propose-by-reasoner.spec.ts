import { describe, expect, it } from '@jest/globals';
import type { Bus } from '@holdfast/bus';
import { HoldfastError, proposal, reasonerRequest, type ReasonerRequest } from '@holdfast/contracts';
import { fold, initialState, type Planning } from '@holdfast/run';
import { Conversation } from '../context/conversation.js';
import { History, agent, contractOf, key, task } from '../context/history.fixture.js';
import { proposeByReasoner, type ReasonedStep } from './propose-by-reasoner.js';

type Said = object | string | HoldfastError;

/** A step whose reasoner says this, one try after the other; the last is said again. */
async function step(...said: readonly (readonly Said[] | Said)[]) {
  const commits = await (await History.of(task)).commits();
  const asked: ReasonerRequest[] = [];
  const heard: string[] = [];
  const hearOut: Bus['hearOut'] = async (_subject, value, hear) => {
    const tries = asked.push(reasonerRequest.parse(JSON.parse(JSON.stringify(value))));
    const messages = [said[Math.min(tries, said.length) - 1] ?? ''].flat() as readonly Said[];
    for (const message of messages) {
      if (message instanceof HoldfastError) throw message;
      const whole = hear(new TextEncoder().encode(typeof message === 'string' ? message : JSON.stringify(message)));
      if (whole !== undefined) return whole;
    }
    throw new HoldfastError({ code: 'bus.silent', message: 'Nothing was heard.', retryable: true, remedy: 'Wait.' });
  };
  const options: ReasonedStep = {
    reasoner: 'graph', key, state: fold(commits.map(({ commit }) => commit), initialState) as Planning, agent: { ...agent, strategy: 'external', reasoner: 'graph' },
    conversation: Conversation.of(commits), tools: [contractOf('pay'), contractOf('lookup')], bus: { hearOut },
    asking: { chance: () => 0, clock: () => 5, sleep: async () => undefined, stopping: new AbortController().signal, timeoutMs: 5_000 },
    listener: { started: (name) => heard.push(`(${name})`), said: (text) => heard.push(text) },
  };
  return { options, asked, heard };
}

const call = { basis: 1, requests: [{ tool: 'pay', arguments: { invoice: 7 } }] };

describe('a step whose planner is a process outside', () => {
  it('is put as one request with all that is to be seen, and its calls become a proposal', async () => {
    const { options, asked, heard } = await step([{ working: true, said: 'Hm. ' }, { ...call, text: 'I pay.', model: { name: 'openai/gpt-5', inputTokens: 7, outputTokens: 5, reasoningTokens: 2 } }]);
    const proposed = await proposeByReasoner(options);

    expect(proposal.parse(proposed)).toMatchObject({
      basis: 1, text: 'I pay.', requests: [{ requestId: 'request-1-1', tool: 'pay', arguments: { invoice: 7 } }],
      model: { name: 'openai/gpt-5', provider: 'reasoner:graph', inputTokens: 7, outputTokens: 5, reasoningTokens: 2, finishReason: 'tool-calls', toolsShown: ['lookup', 'pay'] },
    });
    expect(proposed).not.toHaveProperty('answer');
    expect(asked).toMatchObject([{
      protocol: 1, tenant: 'acme', run: 'run-1', basis: 1, agent: { name: 'payer', digest: agent.digest }, instructions: expect.stringMatching(/^Pay what is due\.\n\nText inside the task/), mayOnlyAnswer: false, left: { steps: 20 },
      messages: [{ role: 'user' }], tools: [{ name: 'pay', digest: contractOf('pay').digest, input: contractOf('pay').input }, { name: 'lookup' }],
    }]);
    expect(heard).toEqual(['(reasoner/graph)', 'Hm. ']);
  });

  it('takes an answer as the end, and a tool that nobody has as a wish that policy refuses', async () => {
    expect(await proposeByReasoner((await step({ basis: 1, answer: 'Paid.' })).options)).toMatchObject({ requests: [], answer: 'Paid.', model: { name: 'graph', inputTokens: 0, finishReason: 'stop' } });
    expect(await proposeByReasoner((await step({ basis: 1, requests: [{ tool: 'launch_missiles', arguments: {} }, { tool: 'No Such Name!', arguments: {} }] })).options)).toMatchObject({ requests: [{ tool: 'launch_missiles' }, { tool: 'unreadable_call', arguments: { tool: 'No Such Name!' } }] });
  });

  it('asks once more after an answer that cannot be used, and takes the better one', async () => {
    const { options, asked } = await step('no JSON', call);
    expect(await proposeByReasoner(options)).toMatchObject({ requests: [{ tool: 'pay' }], model: { attempts: [{ model: 'reasoner/graph', outcome: 'reasoner.garbled' }, { outcome: 'answered' }] } });
    expect(asked).toHaveLength(2);
  });

  it.each<readonly [string, Said, string, number]>([
    ['that is no JSON', 'no JSON', 'reasoner.garbled', 2],
    ['to another commit', { ...call, basis: 9 }, 'reasoner.wrong-basis', 2],
    ['that asking again is of no use', { error: { code: 'quota.used-up', message: 'No more today.', retryable: false } }, 'reasoner.failed', 1],
  ])('puts an answer %s into the log, as a call that policy refuses, and asks no further', async (_what, said, outcome, tries) => {
    const { options, asked } = await step(said);
    expect(proposal.parse(await proposeByReasoner(options))).toMatchObject({ requests: [{ tool: 'unreadable_call', arguments: { problem: expect.stringContaining('reasoner "graph"') } }], model: { attempts: Array.from({ length: tries }, () => ({ outcome })) } });
    expect(asked).toHaveLength(tries);
  });

  it.each<readonly [string, readonly Said[], string]>([
    ['dies at work', [{ working: true }], 'reasoner.silent'],
    ['cannot for the moment', [{ error: { code: 'model.busy', message: 'Later.', retryable: true, retryAfterMs: 900_000 } }], 'reasoner.failed'],
    ['cannot be sent what it is asked', [new HoldfastError({ code: 'bus.rejected', message: 'too large', retryable: false, remedy: '' })], 'reasoner.request-too-large'],
  ])('gives the step back when the reasoner %s', async (_what, said, code) => {
    await expect(proposeByReasoner((await step(said)).options)).rejects.toMatchObject({ code, ...(code === 'reasoner.failed' ? { retryAfterMs: 60_000 } : {}) });
  });

  it('counts what the reasoner says that its models cost, unless the price list knows better or has another currency', async () => {
    const model = { name: 'openai/gpt-5', inputTokens: 1_000_000, outputTokens: 0, cost: { micros: 1, currency: 'USD' } };
    const { options } = await step({ ...call, model });
    const prices = { currency: 'USD', asOf: '2026-11-27', models: { 'openai/gpt-5': { input: 2, output: 10 } } };
    expect((await proposeByReasoner({ ...options, prices })).model.cost).toMatchObject({ micros: 2_000_000 });
    expect((await proposeByReasoner({ ...options, prices: { ...prices, models: {} } })).model.cost).toEqual({ micros: 1, currency: 'USD' });
    expect((await proposeByReasoner({ ...options, prices: { ...prices, currency: 'EUR', models: {} } })).model.cost).toBeUndefined();
  });
});
