import { describe, expect, it } from '@jest/globals';
import { UNREADABLE_CALL } from '@holdfast/contracts';
import { requestsOf } from './requests.js';

const call = (id: string, bytes: number) => ({ toolCallId: id, toolName: 'pay', input: { note: 'x'.repeat(bytes) } });
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('the calls of one step', () => {
  it.each([[[1_000, 2_000]], [[250_000, 1_000]]])('of %p bytes are requests as they are', (sizes) => {
    const calls = sizes.map((bytes, index) => call(`r${index}`, bytes));
    expect(requestsOf(calls, 1)).toEqual(calls.map(({ toolCallId, input }) => ({ requestId: toolCallId, tool: 'pay', arguments: input })));
  });

  it('that are together too large for a message are refused from the one on that does not fit, and the model is told', () => {
    expect(requestsOf([call('r0', 200_000), call('r1', 100_000), call('r2', 10)], 1)).toMatchObject([
      { requestId: 'r0', tool: 'pay' },
      { requestId: 'r1', tool: UNREADABLE_CALL, arguments: { tool: 'pay', problem: expect.stringMatching(/100011 bytes.*262144/) } },
      { requestId: 'r2', tool: 'pay' },
    ]);
  });

  it('fit into a message whatever the model wrote', () => {
    const calls = Array.from({ length: 40 }, (_, index) => call(`r${index}`, 50_000 * (index + 1)));
    expect(bytesOf(requestsOf(calls, 1))).toBeLessThan(400_000);
  });
});
