import { describe, expect, it } from '@jest/globals';
import type { Label, ResultLabels } from '@holdfast/contracts';
import { Specification, child, failed, fork, originOf, plan, signal, succeeded, task, tool } from './specification.fixture.js';

const { given, empty } = { given: Specification.given, empty: Specification.empty };
const label = (trust: Label['trust'], secrecy: Label['secrecy']): Label => ({ trust, secrecy, source: 'tool:pay' });
const returning = (outcome: Parameters<typeof tool>[1], labels: ResultLabels) => ({ ...tool('c1-1', outcome), labels });

describe('what a run has read', () => {
  it('is what its task is worth, by the fields that the task has', () => {
    empty.when(task()).thenState({ read: { trust: 'third-party', secrecy: 'internal' } });
    const bare = task();
    const event = { ...bare.fact.event, data: { goal: 'Pay invoice 7.' } };
    empty.when({ ...bare, fact: { ...bare.fact, event } } as never).thenState({ read: { trust: 'user', secrecy: 'internal' } });
  });

  it('takes in every result by all of its labels, and every failure, whose text a server may have written', () => {
    const out = given(task(), plan(1, [['pay', 'allow']]));
    const labels: ResultLabels = { label: label('organisation', 'internal'), fields: { note: label('third-party', 'secret') } };
    out.when(returning(succeeded({}), labels)).thenState({ read: { trust: 'third-party', secrecy: 'secret' } });
    out.when(returning(failed, labels)).thenState({ read: { trust: 'third-party', secrecy: 'secret' } })
      .thenEvent({ type: 'tool-returned', label: { trust: 'third-party', secrecy: 'secret', source: 'tool:pay' } });
  });

  it('goes with the end of a run that another started, and with a fork', () => {
    const begun = task();
    const started = { ...begun, fact: { ...begun.fact, child: { parent: { runId: 'run', callId: 'c1-1' }, labels: { goal: label('user', 'secret'), input: label('organisation', 'public') }, budgets: begun.agent.budgets } } };
    given(started as never).when(plan(1, [])).thenEvent({ type: 'run-ended', read: { trust: 'organisation', secrecy: 'secret' } });
    const { state } = given(task());
    empty.when(fork('fork', originOf({ ...state, read: { trust: 'model', secrecy: 'secret' } } as never))).thenState({ read: { trust: 'model', secrecy: 'secret' } });
    const { read: _unknown, ...older } = state as Extract<typeof state, { phase: 'planning' }>;
    expect(empty.when(fork('fork', originOf(older))).state).not.toHaveProperty('read');
  });

  it('holds what a run that it started had read', () => {
    const waiting = given(task(), plan(1, [['holdfast_start_run', 'allow', { type: 'check', goal: 'Check it.' }]]));
    waiting.when(child('c1-1', 'completed', 'Fine.', 10, { trust: 'user', secrecy: 'secret' })).thenState({ read: { trust: 'model', secrecy: 'secret' } });
  });
});

describe('a signal', () => {
  it('is the requester\'s word when the requester sends it, and a colleague\'s otherwise', () => {
    const by = (name: string): Parameters<Specification['when']>[0] => { const sent = signal('go'); return { ...sent, fact: { ...sent.fact, by: name } } as never; };
    given(task()).when(by('/invoices')).thenEvent({ type: 'signal-received', label: { trust: 'user', secrecy: 'internal', source: 'signal go by /invoices' } });
    given(task()).when(by('otto')).thenEvent({ type: 'signal-received', label: { trust: 'organisation', secrecy: 'internal', source: 'signal go by otto' } });
  });
});
