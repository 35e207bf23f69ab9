import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@holdfast/contracts';
import { Counters } from './counters.js';

const called = (callId: string, tool: string, amount?: number): RunEvent => ({ type: 'tool-called', callId, tool, adapter: 'default', effect: 'keyed', arguments: {}, contractDigest: 'd'.repeat(64), permit: 'p', ...(amount === undefined ? {} : { amount }) });
const parked = (callId: string): RunEvent => ({ type: 'call-parked', callId, tool: 'pay', reason: 'drift', quarantine: 1 });
const counted = (...events: readonly RunEvent[]) => {
  const counters = new Counters();
  for (const event of events) counters.add(event);
  return counters.of('pay');
};

describe('the counters of a run', () => {
  it('count what was sent, with what it carried, and the tool by itself', () => {
    expect(counted(called('c1', 'pay', 40), called('c2', 'look'), called('c3', 'pay', 2))).toEqual({ steps: 0, calls: 3, toolCalls: 2, toolAmount: 42 });
  });

  it('count a call once that is sent again, and not while it is parked', () => {
    expect(counted(called('c1', 'pay', 40), parked('c1'))).toMatchObject({ calls: 0, toolAmount: 0 });
    expect(counted(called('c1', 'pay', 40), parked('c1'), called('c1', 'pay', 40))).toMatchObject({ calls: 1, toolAmount: 40 });
  });

  it('stay numbers that Cedar can hold', () => {
    expect(counted(called('c1', 'pay', Number.MAX_SAFE_INTEGER), called('c2', 'pay', Number.MAX_SAFE_INTEGER)).toolAmount).toBe(Number.MAX_SAFE_INTEGER);
  });
});
