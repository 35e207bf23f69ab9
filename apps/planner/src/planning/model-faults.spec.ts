import { afterEach, describe, expect, it } from '@jest/globals';
import { History, task } from '../context/history.fixture.js';
import { chatCompletions } from '../models/model-server.fixture.js';
import { closeServers, pay, planner } from './planner.fixture.js';

afterEach(closeServers);

describe('a plan commit', () => {
  it('whose model fails waits longer each time, within bounds', async () => {
    const history = await History.of(task);
    const { handle, facts, lines, stalls } = await planner(history, [{ status: 400, body: { error: { message: 'no' } } }], []);
    const [commit] = await history.commits();
    const delays: number[] = [];
    for (const deliveries of [1, 2, 3, 50]) {
      const result = await handle(commit, deliveries);
      delays.push(result === 'done' ? -1 : result.againAfterMs);
    }

    expect(delays).toEqual([400, 800, 1_600, 15_000]);
    expect(facts).toEqual([]);
    expect(new Set(stalls.map((stall) => JSON.stringify(stall))).size).toBe(1);
    expect(stalls[0]).toEqual({
      kind: 'stall', id: 'stall:1:model.rejected', basis: 1, code: 'model.rejected', message: expect.stringContaining('status 400'), remedy: expect.any(String),
      attempts: [{ model: 'compatible/tried', outcome: 'model.rejected', durationMs: 0 }],
    });
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([1, 2, 3, 50].map(() => ({ level: 'warn', run_id: 'run-1', err: { code: 'model.rejected' } })));
  });

  it('whose model breaks off is given longer and longer, since each such answer may be paid for and counts in no budget', async () => {
    const history = await History.of(task);
    const { handle } = await planner(history, [{ body: 'garbage' }], []);
    const [commit] = await history.commits();
    expect(await handle(commit, 8)).toEqual({ againAfterMs: 51_200 });
    expect(await handle(commit, 50)).toEqual({ againAfterMs: 204_800 });
  });

  it('whose provider asks for a pause is left alone for at least that long', async () => {
    const history = await History.of(task);
    const { handle } = await planner(history, [{ status: 429, headers: { 'retry-after': '9' }, body: { error: { message: 'slow' } } }], []);
    expect(await handle((await history.commits())[0])).toEqual({ againAfterMs: 9_000 });
  });

  it('whose model does not answer within the time-out is given back', async () => {
    const history = await History.of(task);
    const { handle, lines } = await planner(history, [{ body: 'hang' }], [], history.log, undefined, 300);

    expect(await handle((await history.commits())[0])).toEqual({ againAfterMs: 400 });
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ err: { code: expect.stringMatching(/^model\.(timeout|silent)$/) } });
  });

  it('whose model writes garbage is given back, and goes on with the next try', async () => {
    const history = await History.of(task);
    const { handle, facts } = await planner(history, [{ body: 'garbage' }, { body: 'garbage' }, pay], [{ status: 'committed', number: 2 }]);
    const [commit] = await history.commits();

    expect(await handle(commit, 1)).toEqual({ againAfterMs: 400 });
    expect(await handle(commit, 2)).toBe('done');
    expect(facts).toMatchObject([{ proposal: { requests: [{ tool: 'pay' }] } }]);
  });

  it('whose model answers with nothing is answered with that, so that nobody pays for it again and again', async () => {
    const history = await History.of(task);
    const { handle, facts, server } = await planner(history, [chatCompletions.text('')], [{ status: 'committed', number: 2 }]);

    expect(await handle((await history.commits())[0])).toBe('done');
    expect(facts).toMatchObject([{ proposal: { requests: [{ tool: 'unreadable_call' }], model: { attempts: [{ usage: { inputTokens: 11 } }, { outcome: 'model.no-answer' }] } } }]);
    expect(server.received).toHaveLength(2);
  });
});
