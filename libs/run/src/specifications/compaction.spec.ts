import { describe, expect, it } from '@jest/globals';
import type { Compaction } from '@holdfast/contracts';
import type { Input } from '../index.js';
import { Specification, plan, succeeded, task, tool } from './specification.fixture.js';

const { given } = Specification;
const model = { name: 'm', provider: 'p', inputTokens: 30, outputTokens: 5, finishReason: 'stop' };
const compaction: Compaction = { upTo: 1, summary: 'The goal was to pay invoice 7.', by: 'model', model };

/** A proposal that also asks for earlier steps to be shown as a summary. */
function planWith(basis: number, wish: Partial<Compaction>, wishes: Parameters<typeof plan>[1] = [['pay', 'allow']]): Input {
  const input = plan(basis, wishes) as Extract<Input, { fact: { kind: 'plan' } }>;
  return { ...input, fact: { ...input.fact, proposal: { ...input.fact.proposal, compaction: { ...compaction, ...wish } } } };
}

const run = given(task(), plan(1, [['lookup', 'allow']]), tool('c1-1', succeeded({ order: 'PO-1' })));

describe('a summary of earlier steps', () => {
  it('is an event of the decision that was made with it, and is not repeated in the proposal', () => {
    const compacted = run.when(planWith(3, {})).thenCommits(['call.default', 'context-compacted', 'decision-made', 'policy-checked', 'tool-called']).thenState({ compacted: 1 });
    expect(compacted.drafts[0]?.events[1]).not.toHaveProperty('proposal.compaction');
  });

  it('is worth the join of everything that the run had read, and never its planner\'s word', () => {
    // The task's own text is a third party's.
    run.when(planWith(3, {})).thenEvent({ type: 'context-compacted', label: { trust: 'third-party', secrecy: 'internal', source: 'summary up to commit 1' } });
    const lying = planWith(3, { label: { trust: 'user', secrecy: 'public', source: 'task.goal' } } as never);
    run.when(lying).thenEvent({ type: 'context-compacted', label: { trust: 'third-party', secrecy: 'internal', source: 'summary up to commit 1' } });
  });

  it('is worth anything at all where it is not known what the run had read', () => {
    const { state } = run;
    const { read: _unknown, ...before } = state as typeof state & { read?: unknown };
    Specification.of(before as typeof state).when(planWith(3, {})).thenEvent({ type: 'context-compacted', label: { trust: 'third-party', secrecy: 'secret', source: 'summary up to commit 1' } });
  });

  it('is paid for by the run: its tokens and its cost count', () => {
    run.when(planWith(3, { model: { ...model, cost: { micros: 7, currency: 'USD' } } })).thenState({ spent: { tokens: 2 + 35 + 2, costMicros: 7 } });
    given(task(1_000, { maxTokens: 30 })).when(planWith(1, { upTo: 0 })).thenState({ phase: 'ended', reason: 'the budget of 30 tokens is used up' });
  });

  it('is passed over, and the proposal taken, where it reaches beyond what was shown or not as far as the last', () => {
    for (const upTo of [3, 4, 1_000]) run.when(planWith(3, { upTo })).thenCommits(['call.default', 'decision-made', 'policy-checked', 'tool-called']);
    const once = run.when(planWith(3, { upTo: 2 }, [['pay', 'deny']])).thenState({ compacted: 2 });
    for (const upTo of [0, 1, 2]) once.when(planWith(4, { upTo })).thenCommits(['call.default', 'decision-made', 'policy-checked', 'tool-called']);
    once.when(planWith(4, { upTo: 3 })).thenState({ compacted: 3 });
  });

  it('raises nothing that the run has read', () => {
    const before = run.state;
    run.when(planWith(3, {})).thenState({ read: before.phase === 'unborn' ? {} : before.read });
  });
});
