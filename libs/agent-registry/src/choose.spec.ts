import { describe, expect, it } from '@jest/globals';
import { defineAgent } from '@holdfast/agent-sdk';
import type { AgentDeclaration } from '@holdfast/contracts';
import { choose, declaredAgents, type Share } from './index.js';

const agent = (instructions: string, taskTypes = ['invoice'], name = 'payer'): AgentDeclaration => defineAgent({ name, instructions, model: 'scripted', taskTypes, tools: [] });
const share = (one: AgentDeclaration, weight: number, more: Partial<Share> = {}): Share => ({ version: one, weight, agent: one, isRevoked: false, ...more });
const [first, second] = [agent('One.'), agent('Two.')];
const runs = Array.from({ length: 2_000 }, (_, at) => ({ tenant: 'acme', runId: `run_${at}` }));
const chosen = (shares: readonly Share[], key = runs[0] ?? { tenant: '', runId: '' }) => choose([shares], key, 'invoice');

describe('the choice of a version', () => {
  it('follows the weights', () => {
    const counts = new Map<string, number>();
    for (const key of runs) {
      const choice = chosen([share(first, 90), share(second, 10)], key);
      const digest = choice.status === 'chosen' ? choice.agent.digest : '';
      counts.set(digest, (counts.get(digest) ?? 0) + 1);
    }
    // Four standard deviations about the tenth part.
    expect(counts.get(second.digest)).toBeGreaterThan(200 - 54);
    expect(counts.get(second.digest)).toBeLessThan(200 + 54);
    expect(counts.get(first.digest)).toBe(2_000 - (counts.get(second.digest) ?? 0));
  });

  it('is the same for the same run, and does not follow from the run\'s partition', () => {
    for (const key of runs.slice(0, 50)) expect(chosen([share(first, 1), share(second, 1)], key)).toEqual(chosen([share(first, 1), share(second, 1)], { ...key }));
    expect(new Set(runs.slice(0, 50).map((key) => JSON.stringify(chosen([share(first, 1), share(second, 1)], key)))).size).toBe(2);
  });

  it('gives nothing to a version without weight, nor to one that is revoked', () => {
    for (const key of runs.slice(0, 100)) {
      expect(chosen([share(first, 0), share(second, 1)], key)).toEqual({ status: 'chosen', agent: second });
      expect(chosen([share(first, 99, { isRevoked: true }), share(second, 1)], key)).toEqual({ status: 'chosen', agent: second });
    }
    expect(chosen([share(first, 1, { isRevoked: true })])).toMatchObject({ status: 'wait', reason: expect.stringContaining('is revoked') });
  });

  it('waits for a version that nobody has, and never takes another', () => {
    const statuses = runs.slice(0, 200).map((key) => chosen([share(first, 1), share(second, 1, { agent: undefined })], key));
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set(['chosen', 'wait']));
    expect(statuses.every((choice) => choice.status === 'wait' ? choice.reason.includes(second.digest.slice(0, 12)) : choice.status === 'chosen' && choice.agent === first)).toBe(true);
    expect(chosen([share(second, 1, { agent: undefined })])).toMatchObject({ status: 'wait' });
  });

  it('is among the versions that take such tasks', () => {
    const other = agent('Three.', ['mail']);
    for (const key of runs.slice(0, 50)) expect(chosen([share(other, 99), share(second, 1)], key)).toEqual({ status: 'chosen', agent: second });
    expect(chosen([share(other, 1)])).toEqual({ status: 'none' });
  });

  it('is that of the agent that is declared last, where several take such tasks, and of a named one whatever it takes', async () => {
    const [early, late] = [agent('Early.', ['invoice'], 'early'), agent('Late.', ['invoice'], 'late')];
    const agents = declaredAgents([early, late]);
    const [key = { tenant: '', runId: '' }] = runs;
    expect(await agents.choose({ type: 'invoice' }, key)).toEqual({ status: 'chosen', agent: late });
    expect(await agents.choose({ name: 'early' }, key)).toEqual({ status: 'chosen', agent: early });
    expect(await agents.choose({ type: 'mail' }, key)).toEqual({ status: 'none' });
    expect([await agents.find(early), await agents.find({ name: 'early', digest: late.digest })]).toEqual([early, undefined]);
  });
});
