import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { defineTool } from '../tools/define-tool.js';
import { ToolError } from '../tools/tool-error.js';
import { Bench, busy, common, reading, type Execute } from '../execution/bench.fixture.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the circuit breaker of a tool', () => {
  const once = { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 };

  it('opens after failures in a row, lets one call try when its time has come, and closes on success', async () => {
    const bench = new Bench({ failuresToOpen: 3, halfOpenAfterMs: 5_000 });
    const execute = jest.fn<Execute>().mockImplementation(() => Promise.reject(busy()));
    const tool = defineTool({ ...common, retry: once, effect: 'read', execute });
    for (let call = 0; call < 3; call += 1) await bench.run(tool);

    expect(await bench.run(tool)).toMatchObject({ status: 'failed', failure: { code: 'tool.circuit-open', retryable: true } });
    expect(execute).toHaveBeenCalledTimes(3);

    await jest.advanceTimersByTimeAsync(5_000);
    await bench.run(tool);
    expect(execute).toHaveBeenCalledTimes(4);
    expect(await bench.run(tool)).toMatchObject({ failure: { code: 'tool.circuit-open' } });

    await jest.advanceTimersByTimeAsync(5_000);
    execute.mockResolvedValue('ok');
    expect((await bench.run(tool)).status).toBe('succeeded');
    expect((await bench.run(tool)).status).toBe('succeeded');
    expect(execute).toHaveBeenCalledTimes(6);
  });

  it('does not open because the business refuses', async () => {
    const bench = new Bench({ failuresToOpen: 2 });
    const execute = jest.fn<Execute>().mockImplementation(() => Promise.reject(ToolError.refused({ message: 'No.' })));
    const tool = defineTool({ ...common, retry: once, effect: 'read', execute });
    for (let call = 0; call < 5; call += 1) await bench.run(tool);

    expect(execute).toHaveBeenCalledTimes(5);
  });

  it('leaves other tools alone', async () => {
    const bench = new Bench({ failuresToOpen: 1 });
    await bench.run(defineTool({ ...common, retry: once, effect: 'read', execute: () => Promise.reject(busy()) }));
    const other = defineTool({ ...common, name: 'other', effect: 'read', execute: () => Promise.resolve('ok') });

    expect((await bench.run(other)).status).toBe('succeeded');
  });
});

describe('the places of a tool', () => {
  it('are never more than its contract allows at once', async () => {
    const bench = new Bench();
    let [now, most] = [0, 0];
    const tool = reading(async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 50));
      now -= 1;
      return 'ok';
    });
    await Promise.all(Array.from({ length: 6 }, (_, index) => bench.run(tool, { callId: `c${index}` })));

    expect(most).toBe(2);
  });
});
