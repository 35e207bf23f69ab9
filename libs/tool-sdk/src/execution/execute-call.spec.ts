import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HoldfastError } from '@holdfast/contracts';
import { z } from 'zod';
import { defineTool } from '../tools/define-tool.js';
import type { Tool } from '../tools/tool.js';
import { ToolError } from '../tools/tool-error.js';
import { MAXIMUM_RESULT_BYTES } from './outcomes.js';
import { Bench, atMostOnce, common, keyed, lost, type Execute } from './bench.fixture.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the input of a call', () => {
  it('is refused with the tool, the field and what to do, before anything is done', async () => {
    const execute = jest.fn<Execute>();
    const bench = new Bench();
    const outcome = await bench.run(keyed(execute), { args: { reference: 'r-7', amountCents: -5, iban: 'DE00' } });

    expect(outcome).toMatchObject({ status: 'failed', failure: { code: 'tool.input-invalid', retryable: false, remedy: expect.stringContaining('call the tool again') } });
    expect(JSON.stringify(outcome)).toMatch(/transfer.*amountCents.*iban/);
    expect(execute).not.toHaveBeenCalled();
    expect(bench.store.subjects()).toEqual([]);
  });
});

describe('a result', () => {
  const acting = (result: unknown): { readonly execute: ReturnType<typeof jest.fn<Execute>>; readonly tool: Tool } => {
    const execute = jest.fn<Execute>().mockResolvedValue(result);
    return { execute, tool: defineTool({ ...common, output: z.strictObject({ text: z.string() }), effect: 'keyed', identity: ['reference'], execute: (args, context) => execute(args, context) as Promise<{ text: string }> }) };
  };

  it.each([
    { code: 'tool.output-invalid', result: { text: 7 } },
    { code: 'tool.result-too-large', result: { text: 'x'.repeat(MAXIMUM_RESULT_BYTES) } },
  ])('that cannot be used is a failure ($code), and the effect is never repeated', async ({ code, result }) => {
    const bench = new Bench();
    const { execute, tool } = acting(result);

    expect(await bench.run(tool)).toMatchObject({ status: 'failed', failure: { code, retryable: false } });
    expect(await bench.run(tool, { callId: 'c9-1' })).toMatchObject({ status: 'failed', failure: { code } });
    expect(execute).toHaveBeenCalledTimes(1);
  });

  it('that the ledger\'s message cannot carry is recorded without its content, and the effect is never repeated', async () => {
    const bench = new Bench();
    const append = bench.store.append.bind(bench.store);
    jest.spyOn(bench.store, 'append').mockImplementation((...record) => {
      if (JSON.stringify(record).length > 3_000) throw new HoldfastError({ code: 'bus.rejected', message: 'max_payload size exceeded', retryable: false, remedy: 'Send less.' });
      return append(...record);
    });
    const { execute, tool } = acting({ text: 'x'.repeat(100_000) });

    for (const callId of ['c1-1', 'c9-1']) expect(await bench.run(tool, { callId })).toMatchObject({ status: 'failed', failure: { code: 'tool.result-too-large', message: expect.stringContaining('100011 bytes') } });
    expect(execute).toHaveBeenCalledTimes(1);
  });

  it('just below the limit is recorded', async () => {
    const text = 'x'.repeat(MAXIMUM_RESULT_BYTES - '{"text":""}'.length);

    expect((await new Bench().run(acting({ text }).tool)).status).toBe('succeeded');
  });
});

describe('a failure after which certainly nothing happened', () => {
  it('lets another call try again, also with other arguments, but not the same call', async () => {
    const bench = new Bench();
    const execute = jest.fn<Execute>().mockRejectedValueOnce(ToolError.refused({ message: 'No such account.' })).mockResolvedValue('paid');
    const tool = keyed(execute);
    const first = await bench.run(tool);

    expect(await bench.run(tool)).toEqual(first);
    expect(await bench.run(tool, { callId: 'c5-1', args: { reference: 'r-7', amountCents: 6 } })).toMatchObject({ status: 'succeeded', result: 'paid' });
    expect(execute).toHaveBeenCalledTimes(2);
  });
});

describe('the doubt about a reconcilable operation', () => {
  it.each([
    { said: 'that it happened', reconcile: () => Promise.resolve({ status: 'done', result: 'sent' } as const), status: 'succeeded' },
    { said: 'that it did not', reconcile: () => Promise.resolve({ status: 'not-done' } as const), status: 'failed' },
    { said: 'nothing', reconcile: () => Promise.reject(lost()), status: 'in-doubt' },
  ])('ends after the last attempt as $status when the system of record says $said', async ({ reconcile, status }) => {
    const execute = jest.fn<Execute>().mockRejectedValue(lost());
    const tool = defineTool({ ...common, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, effect: 'reconcilable', identity: ['reference'], execute, reconcile });

    expect((await new Bench().run(tool)).status).toBe(status);
    expect(execute).toHaveBeenCalledTimes(1);
  });
});

describe('a call in doubt', () => {
  it('stays in doubt for everybody who asks', async () => {
    const bench = new Bench();
    const execute = jest.fn<Execute>().mockRejectedValueOnce(lost()).mockResolvedValue('paid');
    const tool = atMostOnce(execute);
    await bench.run(tool);

    expect((await bench.run(tool, { callId: 'c5-1' })).status).toBe('in-doubt');
    expect(execute).toHaveBeenCalledTimes(1);
  });
});
