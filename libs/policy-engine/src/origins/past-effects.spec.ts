import { describe, expect, it } from '@jest/globals';
import { canonicalJson, leavesOf, type RunEventOf } from '@holdfast/contracts';
import fc from 'fast-check';
import { valueKey } from './normalise.js';
import { PastEffects } from './past-effects.js';

type Called = RunEventOf<'tool-called'>;

const value = fc.constantFrom<string | number>('acme', 'ACME ', 'corvo', 7, '7', 8);
const args = fc.dictionary(fc.constantFrom('to', 'cc', 'text'), value, { maxKeys: 3 });
const call = fc.record({ callId: fc.constantFrom('c1', 'c2', 'c3', 'c4', 'c5', 'c6'), tool: fc.constantFrom('pay', 'send'), effect: fc.constantFrom('read' as const, 'keyed' as const), arguments: args, fails: fc.constantFrom(true, false, false) });

describe('what a run has acted upon', () => {
  it('is what looking at each of its calls says', () => {
    let found = 0;
    fc.assert(fc.property(fc.array(call, { maxLength: 10 }), fc.constantFrom('pay', 'send', 'other'), args, fc.array(value, { maxLength: 3 }), (calls, tool, own, values) => {
      const effects = new PastEffects();
      const each = new Map<string, (typeof calls)[number]>();
      for (const { fails, ...one } of calls) {
        effects.add(one as unknown as Called);
        if (one.effect !== 'read') each.set(one.callId, { ...one, fails });
        if (!fails) continue;
        effects.settle({ callId: one.callId, outcome: { status: 'failed', failure: { code: 'tool.down', message: 'Down.', retryable: true, remedy: 'Wait.' }, attempts: [] } } as unknown as RunEventOf<'tool-returned'>);
        each.delete(one.callId);
      }
      const keys = values.map((sought) => valueKey(sought));
      const expected = [...each.values()].some((past) => past.tool === tool && canonicalJson(past.arguments) !== canonicalJson(own)
        && keys.every((key) => leavesOf(past.arguments, { names: false }).some((leaf) => valueKey(leaf.value) === key)));
      found += expected ? 1 : 0;
      expect(effects.include(tool, own, values)).toBe(expected);
    }), { numRuns: 2_000 });
    expect(found).toBeGreaterThan(100);
  });
});
