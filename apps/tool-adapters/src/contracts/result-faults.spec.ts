import { describe, expect, it } from '@jest/globals';
import type { ToolContract, ToolOutcome } from '@holdfast/contracts';
import { ResultFaults } from './result-faults.js';

const tool = (quarantineAfter?: number) => ({ name: 'read', contract: { name: 'read', quarantineAfter } as ToolContract });
const bad = (at: number, code = 'tool.output-invalid'): ToolOutcome => ({ status: 'failed', failure: { code, message: `"id" is missing (${at})`, retryable: false, remedy: '' }, attempts: [{ at, durationMs: 1, outcome: 'failed' }] });
const good: ToolOutcome = { status: 'succeeded', result: {}, replayed: false, attempts: [{ at: 0, durationMs: 1, outcome: 'succeeded' }] };

function counting() {
  const reported: (readonly string[])[] = [];
  let down = false;
  const faults = new ResultFaults({ reportFaults: async (_tool: string, found: readonly string[]) => {
    if (down) throw new Error('no broker');
    reported.push(found);
  } }, 'tests', { error: () => undefined, warn: () => undefined } as never);
  return { faults, reported, fail: (is: boolean) => { down = is; } };
}

describe('results that violate their contract', () => {
  it('quarantine the tool after as many in a row as the contract says', async () => {
    const { faults, reported } = counting();
    for (const outcome of [bad(1), bad(2), good, bad(3), bad(4)]) await faults.note(tool(3), outcome);
    expect(reported).toEqual([]);
    await faults.note(tool(3), bad(5));
    expect(reported).toEqual([['"id" is missing (3)', '"id" is missing (4)', '"id" is missing (5)']]);
  });

  it('are not counted again when others are given the same one, nor taken back by an old good one', async () => {
    const { faults, reported } = counting();
    for (const outcome of [bad(1), bad(1), bad(1), { ...good, replayed: true }]) await faults.note(tool(2), outcome);
    expect(reported).toEqual([]);
    await faults.note(tool(2), bad(2));
    expect(reported).toHaveLength(1);
  });

  it('only fail their calls where the contract says nothing, as do failures of another kind', async () => {
    const { faults, reported } = counting();
    for (let at = 0; at < 50; at += 1) await faults.note(tool(), bad(at));
    for (let at = 0; at < 50; at += 1) await faults.note(tool(2), bad(at, 'tool.timed-out'));
    expect(reported).toEqual([]);
  });

  it('quarantine with the next one when the registry could not be written', async () => {
    const { faults, reported, fail } = counting();
    fail(true);
    await faults.note(tool(1), bad(1));
    fail(false);
    await faults.note(tool(1), bad(2));
    expect(reported).toEqual([['"id" is missing (1)', '"id" is missing (2)']]);
  });
});
