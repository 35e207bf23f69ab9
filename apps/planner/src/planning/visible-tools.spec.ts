import { describe, expect, it } from '@jest/globals';
import type { Bus } from '@holdfast/bus';
import type { Planning } from '@holdfast/run';
import { key } from '../context/history.fixture.js';
import { VisibleTools } from './visible-tools.js';

describe('what may be shown', () => {
  const run = { agent: { name: 'clerk', digest: 'a'.repeat(64) }, task: { type: 'order', requester: 'ada' } } as Planning;

  function asked() {
    const questions: unknown[] = [];
    const request = (async (_subject: string, question: unknown) => ({ tools: [`answer-${questions.push(question)}`], policyDigest: 'e'.repeat(64) })) as Bus['request'];
    const visible = new VisibleTools({ request }, () => 0);
    return { questions, of: async (more: object) => (await visible.of(key, { ...run, ...more }, {})).tools };
  }

  it('is asked once for runs of one kind', async () => {
    const { of, questions } = asked();
    expect([await of({}), await of({})]).toEqual([['answer-1'], ['answer-1']]);
    expect(questions).toHaveLength(1);
  });

  it.each([
    ['scopes of memory', { memoryScopes: ['notes'] }],
    ['a requester', { task: { ...run.task, requester: 'bob' } }],
    ['a scope', { task: { ...run.task, scope: ['pay'] } }],
    ['a version of its agent', { agent: { ...run.agent, digest: 'b'.repeat(64) } }],
  ])('is asked anew for a run with %s of its own', async (_, more) => {
    const { of } = asked();
    expect([await of({}), await of(more), await of({})]).toEqual([['answer-1'], ['answer-2'], ['answer-1']]);
  });
});
