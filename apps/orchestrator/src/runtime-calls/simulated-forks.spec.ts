import { describe, expect, it } from '@jest/globals';
import { DataKeys, MasterKeys, MemoryDataKeyStore, newMasterKey } from '@holdfast/data-keys';
import { InMemoryEventLog, type AppendableDraft } from '@holdfast/event-log';
import type { Route, RunEvent, RunKey, ToolOutcome } from '@holdfast/contracts';
import { fold, initialState, type RecordedResult } from '@holdfast/run';
import { recordedFinder } from './recorded-results.js';
import { Installation, TENANT, plan, task } from './runtime-calls.fixture.js';

const digest = 'd'.repeat(64);
const LABEL = { trust: 'third-party', secrecy: 'secret', source: 'tool:status' } as const;

/** A log with runs that are written event by event. */
class Written {
  readonly log = new InMemoryEventLog(1, undefined, undefined, new DataKeys(new MemoryDataKeyStore(), MasterKeys.parse(newMasterKey())));

  async commit(runId: string, route: Route, ...events: readonly RunEvent[]): Promise<void> {
    const key: RunKey = { tenant: TENANT, runId };
    const head = await this.log.head(key);
    const draft: AppendableDraft = { route, events, at: 1_000, cause: { kind: 'x', id: `${runId}:${head?.commit.number ?? 0}` } };
    expect((await this.log.append(key, draft, head)).status).toBe('appended');
  }

  /** One call with what came of it, in two commits. */
  async call(runId: string, tool: string, given: Record<string, unknown>, outcome: ToolOutcome): Promise<void> {
    const basis = (await this.log.head({ tenant: TENANT, runId }))?.commit.number ?? 0;
    const callId = `c${basis}-1`;
    const { proposal } = plan(basis, [tool, given]);
    await this.commit(runId, 'call.default', { type: 'decision-made', proposal }, { type: 'tool-called', callId, tool, adapter: 'default', effect: 'read', arguments: given, contractDigest: digest, permit: 'p' });
    await this.commit(runId, 'plan', { type: 'tool-returned', callId, tool, outcome }, ...(outcome.status === 'succeeded' ? [{ type: 'observation-recorded', callId, content: outcome.result, label: LABEL, fields: {} } as const] : []));
  }

  async begin(runId: string, origin?: { readonly runId: string; readonly number: number }, hash?: string): Promise<void> {
    const task = { source: '/s', id: '1', type: 't', goal: 'Go.', input: {}, requester: 'erp' };
    const budgets = { maxSteps: 20, deadlineSeconds: 60, approvalSeconds: 60 };
    const agent = { name: 'a', digest };
    if (origin === undefined) return this.commit(runId, 'plan', { type: 'task-accepted', task, agent, budgets, labels: {} });
    const at = (await this.log.readRun({ tenant: TENANT, runId: origin.runId }))[origin.number - 1]?.commit.hash ?? '';
    return this.commit(runId, 'plan', { type: 'run-forked', mode: 'fork', by: 'otto', reason: '', origin: { ...origin, hash: hash ?? at }, task, agent, effects: 'simulated', budgets, labels: {}, amount: 0, undoable: [], unsettled: [] });
  }

  async find(runId: string, tool: string, given: Record<string, unknown>): Promise<RecordedResult | undefined> {
    const key = { tenant: TENANT, runId };
    const state = fold((await this.log.readRun(key)).map(({ commit }) => commit), initialState);
    return recordedFinder(this.log)(key, state, { tool, arguments: given });
  }
}

const said = (result: unknown): ToolOutcome => ({ status: 'succeeded', result, replayed: false, attempts: [{ at: 1, durationMs: 1, outcome: 'succeeded' }] });
const refused = (retryable: boolean): ToolOutcome => ({ status: 'failed', attempts: [], failure: { code: 'bank.closed', message: 'closed', retryable, remedy: '' } });

describe('what the log holds of a call', () => {
  it('is what came of the same tool and arguments, with its labels, also after the commit where the origin was left', async () => {
    const written = new Written();
    await written.begin('r1');
    await written.call('r1', 'status', { order: 1, of: 'x' }, said('early'));
    await written.call('r1', 'status', { order: 2 }, said('other'));
    await written.call('r1', 'status', { order: 1, of: 'x' }, said('late'));
    await written.begin('f1', { runId: 'r1', number: 3 });
    expect(await written.find('f1', 'status', { of: 'x', order: 1 })).toEqual({ outcome: { status: 'succeeded', result: 'late', replayed: false, attempts: [] }, observation: { content: 'late', label: LABEL, fields: {} }, from: { runId: 'r1', number: 7 } });
    // Nothing comes after it, so the last before it is taken.
    await written.begin('f2', { runId: 'r1', number: 7 });
    expect(await written.find('f2', 'status', { order: 2 })).toMatchObject({ from: { number: 5 } });
    expect(await written.find('f1', 'status', { order: 3 })).toBeUndefined();
    expect(await written.find('f1', 'stat', { order: 2 })).toBeUndefined();
    expect(await written.find('r1', 'status', { order: 2 })).toBeUndefined();
  });

  it('is no outcome that nobody knows, and none that a second try may change; a certain refusal is one', async () => {
    const written = new Written();
    await written.begin('r1');
    await written.call('r1', 'pay', { n: 1 }, refused(true));
    await written.call('r1', 'pay', { n: 2 }, refused(false));
    await written.begin('f1', { runId: 'r1', number: 1 });
    expect(await written.find('f1', 'pay', { n: 1 })).toBeUndefined();
    expect(await written.find('f1', 'pay', { n: 2 })).toMatchObject({ outcome: { status: 'failed' }, from: { number: 5 } });
    await written.begin('r2');
    await written.call('r2', 'pay', { n: 1 }, { ...refused(false), status: 'in-doubt' } as ToolOutcome);
    await written.begin('f2', { runId: 'r2', number: 1 });
    expect(await written.find('f2', 'pay', { n: 1 })).toBeUndefined();
  });

  it('is looked for in the runs before the origin too, up to where each was left, and only in the very history that a fork names', async () => {
    const written = new Written();
    await written.begin('r0');
    await written.call('r0', 'status', { order: 1 }, said('kept'));
    await written.call('r0', 'status', { order: 2 }, said('after it was left'));
    await written.begin('r1', { runId: 'r0', number: 3 });
    await written.begin('f1', { runId: 'r1', number: 1 });
    expect(await written.find('f1', 'status', { order: 1 })).toMatchObject({ from: { runId: 'r0', number: 3 } });
    expect(await written.find('f1', 'status', { order: 2 })).toBeUndefined();
    await written.begin('r2', { runId: 'r0', number: 3 }, 'e'.repeat(64));
    await written.begin('f2', { runId: 'r2', number: 1 });
    expect(await written.find('f2', 'status', { order: 1 })).toBeUndefined();
  });

  it('is nothing that was made up, and nothing that lies in a person\'s word', async () => {
    const written = new Written();
    await written.begin('r1');
    await written.call('r1', 'holdfast_ask_person', { question: 'May I?' }, said({ received: true }));
    await written.begin('f1', { runId: 'r1', number: 1 });
    await written.commit('f1', 'plan', { type: 'decision-made', proposal: plan(1, ['pay', { n: 1 }]).proposal }, { type: 'call-simulated', callId: 'c1-1', tool: 'pay', effect: 'keyed', arguments: { n: 1 }, contractDigest: digest }, { type: 'tool-returned', callId: 'c1-1', tool: 'pay', outcome: said('made up') });
    await written.begin('f2', { runId: 'f1', number: 2 });
    expect(await written.find('f2', 'pay', { n: 1 })).toBeUndefined();
    expect(await written.find('f2', 'holdfast_ask_person', { question: 'May I?' })).toBeUndefined();
  });
});

describe('a fork with simulated effects', () => {
  const fork = { kind: 'fork', id: 'fork:1', mode: 'fork', origin: { runId: 'r1', number: 1 }, effects: 'simulated', by: 'ada', reason: 'what if' } as const;
  const start = ['holdfast_start_run', { type: 'check', goal: 'Check it.' }] as const;

  it('takes the answer of a run that its origin had started, and starts none', async () => {
    const installation = new Installation();
    await installation.tell('r1', task, plan(1, start));
    await installation.deliver();
    await installation.tell('r1_c1-1', plan(1));
    await installation.deliver();
    await installation.tell('f1', fork, plan(1, start));
    await installation.deliver({ times: 2 });
    expect(await installation.types('f1')).toEqual(['run-forked', 'timer-set', 'decision-made', 'policy-checked', 'call-simulated', 'tool-returned', 'observation-recorded']);
    expect((await installation.events('f1')).at(-1)).toMatchObject({ content: { run: 'r1_c1-1', answer: 'It is right.' }, label: { trust: 'third-party' } });
    expect(await installation.events('f1_c1-1')).toEqual([]);
    await installation.tell('f1', plan(2, ['holdfast_start_run', { type: 'check', goal: 'Check another.' }]));
    await installation.deliver();
    expect((await installation.events('f1')).at(-1)).toMatchObject({ content: { simulated: true } });
    expect([await installation.events('f1_c1-1'), await installation.events('f1_c2-1')]).toEqual([[], []]);
  });

  it('may go on with a version that it names, and with none that nobody has', async () => {
    const installation = new Installation();
    await installation.tell('r1', task);
    expect(await installation.tell('f1', { ...fork, agent: 'checker', version: digest })).toEqual(['committed']);
    expect(await installation.tell('f2', { ...fork, agent: 'checker', version: 'e'.repeat(64) })).toEqual(['refused']);
    expect((await installation.events('f1'))[0]).toMatchObject({ agent: { name: 'checker', digest }, effects: 'simulated' });
  });
});
