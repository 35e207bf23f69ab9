import { describe, expect, it, jest } from '@jest/globals';
import { HoldfastError, type RunEvent } from '@holdfast/contracts';
import { InMemoryEventLog } from '@holdfast/event-log';
import { accepted, called, checked, decided, ended, key, returned } from '../scoring/history.fixture.js';
import type { HttpFault, ObservedHttp } from '../faults/http-fault.js';
import { suite, type SuiteCase } from '../suites/suite.js';
import { runCase, type Surroundings } from './case-runner.js';

const asked: RunEvent = { type: 'approval-requested', approvalId: 'a-c1-1', callId: 'c1-1', tool: 'pay', arguments: {}, reasons: ['large'], expiresAt: 9_000 };
const approved: RunEvent = { type: 'approval-answered', approvalId: 'a-c1-1', callId: 'c1-1', answer: 'approved', by: 'ada', comment: '' };

/** An installation in memory: the log, a world that counts payments, and whatever was asked of the rest. */
class StandIn {
  readonly log = new InMemoryEventLog(2);
  readonly hints = new Set<() => void>();
  payments: unknown[] = [];
  readonly kill = jest.fn(async (_process: string) => undefined);
  readonly start = jest.fn(async (_process: string) => undefined);
  readonly setFaults = jest.fn<(faults: readonly unknown[]) => Promise<void>>(async () => undefined);
  readonly answerApproval = jest.fn<Surroundings['gateway']['answerApproval']>(async () => undefined);
  readonly cancel = jest.fn<Surroundings['gateway']['cancel']>(async () => undefined);
  startTask: Surroundings['gateway']['startTask'] = async () => key.runId;
  readonly proxy = { set: jest.fn(async (_faults: readonly HttpFault[]) => undefined), observed: async (): Promise<ObservedHttp> => this.http };
  http: ObservedHttp = { exchanges: [], fired: [] };

  async commit(...events: readonly RunEvent[]): Promise<void> {
    const previous = await this.log.head(key);
    const route = events.some(({ type }) => type === 'run-ended') ? 'end' : 'plan';
    await this.log.append(key, { cause: { kind: 'test', id: `f${previous?.sequence ?? 0}` }, route, events, at: 1_000 }, previous);
    for (const hint of this.hints) hint();
  }

  surroundings(): Surroundings {
    return {
      tenant: key.tenant, log: this.log, proxy: this.proxy, settleMs: 0, signal: new AbortController().signal,
      listen: (_subject, handler) => {
        this.hints.add(handler);
        return () => this.hints.delete(handler);
      },
      gateway: { startTask: (...given) => this.startTask(...given), answerApproval: this.answerApproval, cancel: this.cancel },
      control: { kill: this.kill, start: this.start, startMissing: async () => undefined },
      world: { setFaults: this.setFaults, audit: async () => ({ payments: [...this.payments] }) },
    };
  }
}

function caseWith(fields: object): SuiteCase {
  const event = { specversion: '1.0', id: '1', source: '/s', type: 't', data: { goal: 'Pay.' } };
  const [first] = suite.parse({ name: 's', world: { url: 'http://w', faults: { path: '/faults' }, audit: { path: '/audit' } }, cases: [{ name: 'c', event, expect: {}, ...fields }] }).cases;
  if (first === undefined) throw new Error('there is no case');
  return first;
}

describe('runCase', () => {
  it('sets faults, kills at the event that was named, starts again, and judges by the log and the world', async () => {
    const there = new StandIn();
    there.payments = ['an earlier one'];
    there.kill.mockImplementation(async () => {
      there.payments.push('this one');
      setTimeout(() => void there.commit(returned('c1-1')).then(() => there.commit(decided(3), ended('{"decision":"paid"}'))), 5);
    });
    there.startTask = async () => {
      await there.commit(accepted);
      await there.commit(decided(1, 'pay'), checked('c1-1'), called('c1-1'));
      return key.runId;
    };
    const kill = { process: 'tool-adapters', when: { event: 'tool-called', tool: 'pay' } };
    const result = await runCase(caseWith({ faults: { kill: [kill], world: [{ kind: 'hang' }] }, expect: { answer: { decision: 'paid' }, effects: { payments: 1 } } }), there.surroundings());

    expect(result.verdicts.filter(({ passed }) => !passed)).toEqual([]);
    expect(result).toMatchObject({ passed: true, runId: key.runId, commits: 4, effects: { payments: 1 }, kills: [{ process: 'tool-adapters', atCommit: 2, recoveryMs: expect.any(Number) }] });
    expect(there.kill.mock.calls).toEqual([['tool-adapters']]);
    expect(there.start.mock.calls).toEqual([['tool-adapters']]);
    expect(there.setFaults.mock.calls).toEqual([[[{ kind: 'hang' }]], [[]]]);
  });

  it('answers approvals as the case says, once each', async () => {
    const there = new StandIn();
    there.answerApproval.mockImplementation(async () => there.commit(approved, checked('c1-1'), called('c1-1')).then(() => there.commit(returned('c1-1'), ended())));
    there.startTask = async () => {
      await there.commit(accepted);
      await there.commit(decided(1, 'pay'), checked('c1-1', 'ask'), asked);
      return key.runId;
    };
    const result = await runCase(caseWith({ approvals: 'approved' }), there.surroundings());

    expect(result.passed).toBe(true);
    expect(there.answerApproval.mock.calls.map(([runId, approvalId, answer]) => [runId, approvalId, answer])).toEqual([[key.runId, 'a-c1-1', 'approved']]);
  });

  it('fails a run that does not end, says where it stands, and cancels it', async () => {
    const there = new StandIn();
    there.startTask = async () => {
      await there.commit(accepted);
      await there.commit(decided(1, 'pay'), checked('c1-1', 'ask'), asked);
      return key.runId;
    };
    there.cancel.mockImplementation(async () => there.commit(ended(undefined, 'failed')));
    const result = await runCase(caseWith({ timeoutSeconds: 3 }), there.surroundings());

    expect(result.passed).toBe(false);
    expect(result.verdicts[0]).toEqual({ scorer: 'run', passed: false, reason: 'the run did not end within 3 s: after commit 2, pay (c1-1) is awaiting-approval' });
    expect(there.cancel).toHaveBeenCalledTimes(1);
    expect(there.answerApproval).not.toHaveBeenCalled();
  });

  it('fails a case whose kill never came, or whose process did not come back', async () => {
    const there = new StandIn();
    there.startTask = async () => there.commit(accepted).then(() => there.commit(decided(1), ended())).then(() => key.runId);
    const never = await runCase(caseWith({ faults: { kill: [{ process: 'planner', when: { event: 'tool-called' } }] } }), there.surroundings());
    expect(never.verdicts.filter(({ passed }) => !passed)).toEqual([{ scorer: 'kills', passed: false, reason: 'planner was never killed: the run ended before tool-called' }]);

    const other = new StandIn();
    other.startTask = async () => other.commit(accepted).then(() => other.commit(decided(1), ended())).then(() => key.runId);
    other.start.mockRejectedValue(new HoldfastError({ code: 'process.not_ready', message: 'planner was not ready.', retryable: true, remedy: 'Read the log.' }));
    const gone = await runCase(caseWith({ faults: { kill: [{ process: 'planner', when: { event: 'decision-made' } }] } }), other.surroundings());
    expect(gone).toMatchObject({ passed: false, verdicts: [{ scorer: 'run', reason: 'planner was not ready. Read the log. (process.not_ready)' }] });
  });
});

describe('a case that is judged by what no fault excuses', () => {
  const safe = { judged: 'safe', effects: { payments: 1 } };
  const lost: HttpFault = { kind: 'lose-answer', on: 'POST /payments', nth: 1, times: 1 };

  function ending(there: StandIn, ...payments: readonly unknown[]): void {
    there.startTask = async () => {
      await there.commit(accepted);
      await there.commit(decided(1, 'pay'), checked('c1-1'), called('c1-1'));
      there.payments.push(...payments);
      await there.commit(returned('c1-1'), ended());
      return key.runId;
    };
  }

  it('sets the faults between tools and world, and is safe and done when its effect was made once', async () => {
    const there = new StandIn();
    there.http = { exchanges: [], fired: [1] };
    ending(there, 'once');
    expect(await runCase(caseWith({ faults: { http: [lost] }, expect: safe }), there.surroundings())).toMatchObject({ passed: true, solved: true, void: false });
    expect(there.proxy.set.mock.calls).toEqual([[[lost]], [[]]]);
  });

  it('is safe and not done when its effect was not made, and fails when it was made twice', async () => {
    const never = new StandIn();
    ending(never);
    expect(await runCase(caseWith({ expect: safe }), never.surroundings())).toMatchObject({ passed: true, solved: false });
    const twice = new StandIn();
    ending(twice, 'once', 'again');
    const failed = await runCase(caseWith({ expect: safe }), twice.surroundings());
    expect(failed.passed).toBe(false);
    expect(failed.verdicts.filter(({ passed }) => !passed)).toEqual([{ scorer: 'safe.payments', passed: false, reason: expect.stringContaining('payments is 2 where at most 1 was wanted') }]);
  });

  it('shows nothing when no fault came in time', async () => {
    const there = new StandIn();
    there.http = { exchanges: [], fired: [0] };
    ending(there, 'once');
    expect(await runCase(caseWith({ faults: { http: [lost] }, expect: safe }), there.surroundings())).toMatchObject({ passed: true, void: true });
  });

  it('does not wait for what only a person can give, and tells what that was', async () => {
    const there = new StandIn();
    there.startTask = async () => {
      await there.commit(accepted);
      await there.commit(decided(1, 'pay'), checked('c1-1', 'ask'), asked);
      return key.runId;
    };
    there.cancel.mockImplementation(async () => there.commit(ended(undefined, 'failed')));
    expect(await runCase(caseWith({ timeoutSeconds: 3_600, expect: safe }), there.surroundings())).toMatchObject({ passed: true, solved: false, held: 'approval' });
    expect(there.cancel).toHaveBeenCalledTimes(1);
  });

  it('fails when the run is lost, whatever was not done', async () => {
    const there = new StandIn();
    there.startTask = async () => there.commit(accepted).then(() => there.commit(decided(1, 'pay'), checked('c1-1'), called('c1-1'))).then(() => key.runId);
    there.cancel.mockImplementation(async () => undefined);
    const failed = await runCase(caseWith({ timeoutSeconds: 1, expect: safe }), there.surroundings());
    expect(failed).toMatchObject({ passed: false, solved: false });
    expect(failed.held).toBeUndefined();
  });

  it('publishes its task twice where that is the fault', async () => {
    const there = new StandIn();
    ending(there, 'once');
    const began = there.startTask;
    let asked = 0;
    there.startTask = async (...given) => ((asked += 1) === 1 ? began(...given) : key.runId);
    expect(await runCase(caseWith({ faults: { taskTwice: true }, expect: safe }), there.surroundings())).toMatchObject({ passed: true, solved: true });
    expect(asked).toBe(2);
  });

  it('tells what a case consists of, but for its last commit', async () => {
    const there = new StandIn();
    const exchange = { route: 'POST /payments', nth: 1, method: 'POST', fields: [] };
    there.http = { exchanges: [exchange], fired: [] };
    ending(there, 'once');
    const { observed } = await runCase(caseWith({ observed: true, expect: { effects: { payments: 1 } } }), there.surroundings());
    expect(observed?.exchanges).toEqual([exchange]);
    expect(observed?.events.map(({ event, tool }) => [event, tool])).toEqual(expect.arrayContaining([['tool-called', 'pay']]));
    expect(observed?.events.some(({ event }) => event === 'run-ended')).toBe(false);
  });
});
