import { describe, expect, it } from '@jest/globals';
import { Gateway } from '../gateway.js';
import { run } from '../program.js';

/** A command line against a gateway that gives this answer to everything. */
async function holdfast(args: readonly string[], answer: unknown) {
  const asked: unknown[] = [];
  let out = '';
  const send = (async (url: URL, { method = 'GET', headers, body }: RequestInit) => {
    const key = new Headers(headers).get('idempotency-key');
    asked.push({ method, path: `${url.pathname}${url.search}`, ...(body === undefined ? {} : { body: JSON.parse(String(body)) }), ...(key === null ? {} : { key }) });
    return Response.json(answer);
  }) as unknown as typeof fetch;
  const terminal = { out: (line: string) => void (out += `${line}\n`), write: (text: string) => void (out += text) };
  const code = await run(args, { gateway: () => new Gateway({ url: 'http://gateway.invalid', key: 'k' }, send), terminal }, () => undefined);
  return { code, asked, out };
}

describe('holdfast fork and holdfast retry', () => {
  const begun = { runId: 'f1', duplicate: false };

  it('begin a run where another stood, with all that they are told, once for a key', async () => {
    const { asked, out } = await holdfast(['fork', 'r1', '--at', '3', '--agent', 'cautious', '--agent-version', 'e'.repeat(64), '--effects', 'simulated', '--reason', 'what if', '--key', 'k1'], begun);
    expect(asked).toEqual([{ method: 'POST', path: '/v1/runs/r1/forks', body: { mode: 'fork', at: 3, agent: 'cautious', version: 'e'.repeat(64), effects: 'simulated', reason: 'what if' }, key: 'k1' }]);
    expect(out).toContain('holdfast compare r1 f1');
    expect((await holdfast(['retry', 'r1', '--reason', 'again'], begun)).asked).toEqual([{ method: 'POST', path: '/v1/runs/r1/forks', body: { mode: 'retry', reason: 'again' }, key: expect.any(String) }]);
    expect((await holdfast(['retry', 'r1', '--reason', 'again'], { ...begun, duplicate: true })).out).toContain('before, as the run f1');
  });

  it.each([['fork', 'r1'], ['fork', 'r1', '--reason', 'x', '--at', '0'], ['fork', 'r1', '--reason', 'x', '--at', '1.5'], ['fork', 'r1', '--reason', 'x', '--effects', 'some'], ['diff', 'r1'], ['diff', 'r1', 'x'], ['compare', 'r1']])('send nothing for %s %s %s %s %s %s', async (...args) => {
    expect(await holdfast(args, begun)).toMatchObject({ code: 2, asked: [] });
  });
});

describe('looking back', () => {
  const state = {
    commit: 3, commits: 6, status: 'waiting', standing: 'awaiting-approval', effects: 'simulated', agent: { name: 'payer' }, waitsFor: [{ for: 'approval', approvalId: 'a-c1-1' }],
    used: { steps: 1, tokens: 15, amount: 5 }, budgets: { maxSteps: 10 }, calls: { 'c1-1': { tool: 'pay', status: 'succeeded', simulated: {} } },
  };

  it('tells how a run stood', async () => {
    const { asked, out } = await holdfast(['state', 'r1', '--at', '3'], state);
    expect(asked).toEqual([{ method: 'GET', path: '/v1/runs/r1/state?at=3' }]);
    expect(out).toBe('r1 after commit 3 of 6: waiting, awaiting-approval, its effects are simulated\nagent payer; 1 of 10 steps, 15 tokens, amount 5\nwaits for approval {"approvalId":"a-c1-1"}\nc1-1  pay  succeeded, simulated\n');
    expect(JSON.parse((await holdfast(['state', 'r1', '--json'], state)).out)).toEqual(state);
  });

  it('tells what changed', async () => {
    const { asked, out } = await holdfast(['diff', 'r1', '2', '3'], { happened: [{ id: '3.0', type: 'tool-returned' }], changes: [{ op: 'replace', path: '/status', was: 'running', value: 'waiting\u001b[2J' }, { op: 'remove', path: '/timers/x', was: 5 }, { op: 'add', path: '/paused', value: true }] });
    expect(asked).toEqual([{ method: 'GET', path: '/v1/runs/r1/difference?from=2&to=3' }]);
    expect(out).toBe('3.0  tool-returned\nreplace /status  "running" -> "waiting\\u001b[2J"\nremove  /timers/x  5\nadd     /paused -> true\n');
  });

  it('puts two runs beside each other', async () => {
    const side = (runId: string) => ({ runId, status: 'completed', agent: { name: 'payer', digest: 'd'.repeat(64) }, used: { steps: 2, tokens: 30, costMicros: 1_500 } });
    const step = (over: object) => ({ text: 'done', calls: [], ...over });
    const { asked, out } = await holdfast(['compare', 'r1', 'f1'], {
      left: side('r1'), right: side('f1'), shared: 1, diverges: 1,
      steps: [{ shared: true, differs: [], left: step({ calls: [{ tool: 'look', arguments: { id: 1 }, policy: 'allow', status: 'succeeded' }] }) }, { shared: false, differs: ['decision'], left: step({ answer: 'Paid.' }), right: step({ calls: [{ tool: 'pay', arguments: {}, status: 'succeeded', simulated: { from: { runId: 'r1', number: 5 } } }, { tool: 'pay', arguments: {}, status: 'succeeded', simulated: {} }] }) }],
    });
    expect(asked).toEqual([{ method: 'GET', path: '/v1/runs/r1/comparison?with=f1' }]);
    expect(out).toBe('1 steps are shared; they part at step 2\n= 1  look {"id":1} allow, succeeded\n< 2  answers: Paid.\n> 2  pay {} -, succeeded (recorded); pay {} -, succeeded (simulated)  (decision)\n< r1  completed  payer dddddddddddd  2 steps, 30 tokens, 0.0015 for models\n> f1  completed  payer dddddddddddd  2 steps, 30 tokens, 0.0015 for models\n');
  });
});
