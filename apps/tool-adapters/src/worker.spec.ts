import { describe, expect, it, jest } from '@jest/globals';
import type { Bus, WorkMessage, WorkerOptions } from '@holdfast/bus';
import { HoldfastError, type FactAnswer, type FactOf, type RecordedCommit } from '@holdfast/contracts';
import { silentLog } from '@holdfast/tool-sdk';
import type { CallExecutor, ExecutedCall } from './executor/call-executor.js';
import { handleCall, startToolWorker } from './worker.js';

const executed: ExecutedCall & { readonly fact: FactOf<'tool'> } = { key: { tenant: 'acme', runId: 'run-1' }, tool: 'pay', fact: { kind: 'tool', id: 'c1-1:x', callId: 'c1-1', outcome: { status: 'succeeded', result: 1, replayed: false, attempts: [] } } };
const recorded = { sequence: 9, commit: { number: 2, events: [] as unknown } } as RecordedCommit;
const headers: Readonly<Record<string, string>> = { traceparent: '00-a' };
const message: WorkMessage = { subject: 'log.3.acme.run-1.call.default', data: new Uint8Array([1]), sequence: 9, deliveries: 2, header: (name) => headers[name] };
const unanswered = new HoldfastError({ code: 'bus.unanswered', message: 'Nobody answered.', retryable: true, remedy: 'Wait.' });

function bench(...answers: (FactAnswer | Error)[]) {
  const request = jest.fn((..._asked: unknown[]): Promise<FactAnswer> => {
    const answer = answers.shift() ?? { status: 'committed', number: 3 };
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  const handle = jest.fn<CallExecutor['handle']>().mockResolvedValue(executed);
  const decode = jest.fn<(message: unknown) => Promise<RecordedCommit>>().mockResolvedValue(recorded);
  return { request, handle, decode, settings: { bus: { request: request as Bus['request'] }, adapter: 'default', executor: { handle }, log: { partitions: 3, decode }, logger: silentLog } };
}

describe('handleCall', () => {
  it.each([{ status: 'committed', number: 3 }, { status: 'duplicate' }, { status: 'stale', reason: 'moved on' }] as const)('acknowledges when the orchestrator says $status', async (answer) => {
    const { request, handle, settings } = bench(answer);

    expect(await handleCall(settings, message, new AbortController().signal)).toBe('done');
    expect(handle.mock.calls).toEqual([[recorded.commit, { deliveries: 2, traceHeaders: { traceparent: '00-a' }, signal: expect.any(AbortSignal) }]]);
    expect(request).toHaveBeenCalledWith('fact.3.acme.run-1.tool', executed.fact, expect.anything(), expect.objectContaining({ headers: { traceparent: '00-a' } }));
  });

  it('makes no call that was erased before it was made, and lets it be', async () => {
    const { request, handle, decode, settings } = bench();
    decode.mockResolvedValue({ ...recorded, commit: { ...recorded.commit, events: [{ type: 'content-erased', dataSubject: 'customer-7', types: ['tool-called'] }] } });
    expect(await handleCall(settings, message, new AbortController().signal)).toBe('done');
    expect([handle.mock.calls, request.mock.calls]).toEqual([[], []]);
  });

  it('asks again, without executing again, until the log holds the outcome', async () => {
    const { request, handle, settings } = bench(unanswered, { status: 'unavailable', reason: 'recovering' }, { status: 'committed', number: 3 });

    expect(await handleCall(settings, message, new AbortController().signal)).toBe('done');
    expect(request).toHaveBeenCalledTimes(3);
    expect(handle).toHaveBeenCalledTimes(1);
  });

  it('tells an outcome that no message can carry without its content, once, and does not execute again', async () => {
    const tooLarge = new HoldfastError({ code: 'bus.rejected', message: 'max_payload size exceeded', retryable: false, remedy: 'Send less.' });
    const { request, handle, settings } = bench(tooLarge, unanswered, { status: 'committed', number: 3 });
    handle.mockResolvedValue({ ...executed, fact: { ...executed.fact, outcome: { status: 'succeeded', result: 'x'.repeat(2_000_000), replayed: false, attempts: [] } } });

    expect(await handleCall(settings, message, new AbortController().signal)).toBe('done');
    expect(handle).toHaveBeenCalledTimes(1);
    expect(request.mock.calls.slice(1).map(([, fact]) => fact)).toEqual(Array.from({ length: 2 }, () => expect.objectContaining({
      id: executed.fact.id, outcome: expect.objectContaining({ status: 'failed', failure: expect.objectContaining({ code: 'tool.result-too-large', message: expect.stringMatching(/has had its effect.* 2000002 bytes \(SHA-256 [0-9a-f]{64}\).*x{900}/) }) }),
    })));
  });

  it('reports a call that is held back on the same subject', async () => {
    const { request, handle, settings } = bench();
    const parked: ExecutedCall = { ...executed, fact: { kind: 'parked', id: 'c1-1:x', callId: 'c1-1', dispatch: 2, reason: 'narrowed', quarantine: 17 } };
    handle.mockResolvedValue(parked);

    expect(await handleCall(settings, message, new AbortController().signal)).toBe('done');
    expect(request).toHaveBeenCalledWith('fact.3.acme.run-1.tool', parked.fact, expect.anything(), expect.anything());
  });

  it('does what follows once the log has taken the report, until it is done, and never when the log had an end already', async () => {
    const told = jest.fn<() => Promise<void>>().mockRejectedValueOnce(new HoldfastError({ code: 'permit.alert-unsaid', message: 'No.', retryable: true, remedy: 'Wait.' })).mockResolvedValue(undefined);
    for (const [answer, times] of [[{ status: 'duplicate' }, 0], [{ status: 'stale', reason: 'moved on' }, 0], [{ status: 'committed', number: 3 }, 2]] as const) {
      const { handle, settings } = bench(answer);
      handle.mockResolvedValue({ ...executed, onRecorded: told });
      expect(await handleCall(settings, message, new AbortController().signal)).toBe('done');
      expect([answer.status, told.mock.calls.length]).toEqual([answer.status, times]);
    }
  });

  it('gives the call back when the worker stops before the outcome is in the log', async () => {
    const { settings } = bench(unanswered);

    expect(await handleCall(settings, message, AbortSignal.abort())).toEqual({ againAfterMs: 0 });
  });

  it('gives the call back soon when its execution may succeed later, and late when it is hopeless', async () => {
    const { request, handle, decode, settings } = bench();
    handle.mockRejectedValueOnce(new HoldfastError({ code: 'effect.in-progress', message: 'Busy.', retryable: true, remedy: 'Wait.' }));
    const soon = await handleCall(settings, message, new AbortController().signal);
    decode.mockRejectedValueOnce(new HoldfastError({ code: 'log.format-unknown', message: 'What?', retryable: false, remedy: 'Upgrade.' }));
    const late = await handleCall(settings, message, new AbortController().signal);

    expect(soon).toEqual({ againAfterMs: expect.any(Number) });
    expect((soon as { againAfterMs: number }).againAfterMs).toBeLessThanOrEqual(2_000);
    expect(late).toEqual({ againAfterMs: 30_000 });
    expect(request).not.toHaveBeenCalled();
  });
});

describe('startToolWorker', () => {
  it("works on the adapter's consumer of every partition, and on nothing else", () => {
    const { settings } = bench();
    const work = jest.fn<(options: Omit<WorkerOptions, 'role'>) => never>();
    startToolWorker({ ...settings, bus: { ...settings.bus, work } });

    expect(work.mock.calls.map(([{ consumer }]) => `${consumer.stream} ${consumer.name} ${consumer.filter}`)).toEqual([
      'LOG-0 tools-default log.0.*.*.call.default', 'LOG-1 tools-default log.1.*.*.call.default', 'LOG-2 tools-default log.2.*.*.call.default',
    ]);
  });
});
