import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { applyPatch, type Operation } from 'rfc6902';
import type { InMemoryEventLog } from '@holdfast/event-log';
import type { RunEventOf } from '@holdfast/contracts';
import { askAs, startGateway } from '../gateway.fixture.js';
import { PERMIT, accepted, append, called, decided, ended, judged, key, newLog, payInvoice, returned } from '../runs/run.fixture.js';
import type { RunStateView } from './run-state.js';

const SECRET_PIN = 'pin-4711-0815';

/** A fork of `run-1` after commit 3, where its approval had been given and nothing sent. */
async function forkOf(log: InMemoryEventLog, origin: string, number: number): Promise<RunEventOf<'run-forked'>> {
  const at = (await log.readRun(key(origin)))[number - 1]?.commit;
  const { task, agent, budgets, labels } = accepted();
  return {
    type: 'run-forked', mode: 'fork', by: 'otto', reason: 'another way', origin: { runId: origin, number, hash: at?.hash ?? '' }, task, agent: { ...agent, name: 'cautious' }, budgets, labels, amount: 0, undoable: [],
    unsettled: [{ callId: 'c1-1', tool: 'pay', status: 'refused', reason: 'It was not made.' }],
  };
}

describe('time travel', () => {
  let log: InMemoryEventLog;
  let app: NestFastifyApplication;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    log = newLog();
    await payInvoice(log, key('run-1'));
    ({ app, stop } = await startGateway(log));
  });
  afterEach(() => stop());

  const get = async (url: string, who: 'viewer' | 'stranger' = 'viewer') => askAs(app, 'GET', `/v1/runs/${url}`, who);
  const stateAt = async (at: number, run = 'run-1'): Promise<RunStateView> => (await get(`${run}/state?at=${at}`)).body;

  it('tells how a run stood after each of its commits', async () => {
    const states = await Promise.all([1, 2, 3, 4, 5, 6].map((at) => stateAt(at)));
    expect(states.map(({ commit, standing, status, used, calls, approvals }) => [commit, standing, status, used.steps, calls['c1-1']?.status, Object.keys(approvals)])).toEqual([
      [1, 'planning', 'running', 0, undefined, []],
      [2, 'awaiting-approval', 'waiting', 1, 'awaiting-approval', ['a-c1-1']],
      [3, 'awaiting-policy', 'running', 1, 'undispatched', []],
      [4, 'calling', 'running', 1, 'called', []],
      [5, 'planning', 'running', 1, 'succeeded', []],
      [6, 'ended', 'completed', 2, 'succeeded', []],
    ]);
    expect(states[1]).toMatchObject({ waitsFor: [{ for: 'approval', approvalId: 'a-c1-1' }], labels: { goal: { trust: 'user' } }, used: { tokens: 15 }, commits: 6, task: { goal: 'Pay invoice 1.' } });
    expect(states[5]).toMatchObject({ answer: 'Paid.', reason: 'the planner gave its answer', calls: { 'c1-1': { step: 2, policy: 'allow', label: { trust: 'organisation', secrecy: 'internal' } } } });
    expect((await get('run-1/state')).body).toEqual(states[5]);
    expect(JSON.stringify(states)).not.toContain(PERMIT);
  });

  it('tells what changed between two commits as a patch that makes the one of the other, in both directions', async () => {
    for (const [from, to] of [[1, 2], [2, 5], [1, 6], [6, 1], [3, 3]] as const) {
      const { body } = await get(`run-1/difference?from=${from}&to=${to}`);
      const [before, after] = [await stateAt(from), await stateAt(to)];
      applyPatch(before, body.changes as Operation[]);
      expect({ ...before, commit: to, hash: after.hash, at: after.at }).toEqual(after);
    }
    const { body } = await get('run-1/difference?from=4&to=5');
    expect(body.happened).toEqual([{ id: '5.0', type: 'tool-returned', callId: 'c1-1' }, { id: '5.1', type: 'observation-recorded', callId: 'c1-1' }]);
    expect(body.changes).toEqual(expect.arrayContaining([{ op: 'replace', path: '/calls/c1-1/status', value: 'succeeded', was: 'called' }, { op: 'replace', path: '/standing', value: 'planning', was: 'calling' }]));
    expect((await get('run-1/difference?from=3&to=3')).body).toMatchObject({ happened: [], changes: [] });
  });

  it('leaves out of every state what the run learns later to be secret', async () => {
    await append(log, key('run-9'), 'plan', [accepted({ goal: `Use ${SECRET_PIN}.` })]);
    await append(log, key('run-9'), 'call.default', [decided(1, [{ tool: 'look_up', arguments: { pin: SECRET_PIN } }]), called('c1-1', 'look_up', { pin: SECRET_PIN })]);
    await append(log, key('run-9'), 'plan', returned('c1-1', 'look_up', { pin: SECRET_PIN }, 'secret'));
    await append(log, key('run-9'), 'end', [decided(3, [], `It is ${SECRET_PIN}.`), ended(`It is ${SECRET_PIN}.`)]);
    const told = await Promise.all([get('run-9/state?at=1'), get('run-9/state?at=2'), get('run-9/state'), get('run-9/difference?from=1&to=4'), get('run-9/comparison?with=run-9')]);
    expect(told.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(JSON.stringify(told)).not.toContain(SECRET_PIN);
  });

  it('puts a fork beside its origin: what they share, where they part, and what each used', async () => {
    await append(log, key('fork-1'), 'plan', [await forkOf(log, 'run-1', 3)]);
    await append(log, key('fork-1'), 'call.default', [decided(1, [{ tool: 'look_up', arguments: { id: 1 } }]), judged('c1-1', 'look_up', 'allow', 'harmless'), called('c1-1', 'look_up', { id: 1 })]);
    const { body } = await get('run-1/comparison?with=fork-1');
    expect(body).toMatchObject({
      left: { runId: 'run-1', status: 'completed', answer: 'Paid.', used: { steps: 2, tokens: 30 } },
      right: { runId: 'fork-1', agent: { name: 'cautious' }, origin: { runId: 'run-1', number: 3 }, used: { steps: 1, tokens: 15 } },
      shared: 0, diverges: 0,
      steps: [
        // The fork begins where its origin's call was approved and not made, so the same decision came to something else there.
        { shared: false, differs: ['verdicts', 'outcomes'], left: { runId: 'run-1', commit: 2, calls: [{ status: 'succeeded', result: { paymentId: 'p-77' } }] }, right: { runId: 'run-1', commit: 2, calls: [{ status: 'undispatched', reasons: ['It was not made.'] }] } },
        { shared: false, differs: ['decision', 'verdicts', 'outcomes'], left: { commit: 6, answer: 'Paid.' }, right: { runId: 'fork-1', commit: 2, calls: [{ tool: 'look_up', policy: 'allow', status: 'called' }] } },
      ],
    });
    await append(log, key('fork-2'), 'plan', [{ ...(await forkOf(log, 'run-1', 5)), unsettled: [] }]);
    expect((await get('run-1/comparison?with=fork-2')).body).toMatchObject({ shared: 1, diverges: 1, steps: [{ shared: true, left: { commit: 2 } }, { shared: false, left: { answer: 'Paid.' } }] });
    expect((await get('fork-2/comparison?with=fork-2')).body).toMatchObject({ shared: 1, steps: [{ shared: true }] });
  });

  it('finds nothing that differs where two runs did the same, though no commit is shared', async () => {
    await payInvoice(log, key('run-2'));
    const { body } = await get('run-1/comparison?with=run-2');
    expect([body.shared, body.diverges, body.steps.map(({ differs }: { differs: string[] }) => differs)]).toEqual([0, undefined, [[], []]]);
  });

  it('keeps from a fork what its origin had read in secret', async () => {
    await append(log, key('run-9'), 'plan', [accepted()]);
    await append(log, key('run-9'), 'call.default', [decided(1, [{ tool: 'look_up', arguments: {} }]), called('c1-1', 'look_up', {})]);
    await append(log, key('run-9'), 'plan', returned('c1-1', 'look_up', { pin: SECRET_PIN }, 'secret'));
    await append(log, key('fork-9'), 'plan', [{ ...(await forkOf(log, 'run-9', 3)), unsettled: [] }]);
    await append(log, key('fork-9'), 'end', [decided(1, [], `It is ${SECRET_PIN}.`), ended(`It is ${SECRET_PIN}.`)]);
    const told = await Promise.all([get('fork-9/state'), get('fork-9/difference?from=1&to=2'), get('run-9/comparison?with=fork-9')]);
    expect(JSON.stringify(told)).not.toContain(SECRET_PIN);
  });

  it.each(['state?at=7', 'difference?from=7&to=1', 'difference?from=1&to=7'])('says that there is no such commit at %s', async (path) => {
    const { status, body } = await get(`run-1/${path}`);
    expect([status, body.code]).toEqual([404, 'run.commit-unknown']);
  });

  it.each(['state', 'state?at=1', 'difference?from=1', 'comparison?with=run-1'])('finds no run of another tenant at %s', async (path) => {
    const [strange, missing] = [await get(`run-1/${path}`, 'stranger'), await get(`no-such-run/${path}`)];
    expect([strange.status, strange.body.code, missing.status]).toEqual([404, 'run.unknown', 404]);
  });

  it('compares with no run of another tenant', async () => {
    await payInvoice(log, key('theirs', 'globex'));
    const { status, body } = await get('run-1/comparison?with=theirs');
    expect([status, body.code]).toEqual([404, 'run.unknown']);
  });

  it.each(['state?at=0', 'state?at=x', 'state?at=1.5', 'state?unknown=1', 'difference', 'difference?from=-1', 'comparison', 'comparison?with=a%20b'])('refuses %s as malformed', async (path) => {
    expect((await get(`run-1/${path}`)).body).toMatchObject({ code: 'request.invalid' });
  });
});
