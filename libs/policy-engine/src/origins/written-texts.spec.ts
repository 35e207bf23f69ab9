import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { adversarialText, soughtIn } from './adversarial-text.fixture.js';
import { compact } from './normalise.js';
import { WrittenTexts, type Echo } from './written-texts.js';

type Call = Parameters<WrittenTexts['add']>[0];

/** What the index has to answer: every text that was stored until then, looked at one after the other. */
function scanOf(calls: readonly Call[], at: number, text: string): boolean {
  const writtenBy = ({ arguments: args }: Call): readonly string[] => Object.entries(args).flat().map((value) => compact(String(value)));
  const own = calls[at] === undefined ? [] : writtenBy(calls[at]);
  const stored = calls.slice(0, at + 1).filter(({ effect }) => effect !== 'read').flatMap(writtenBy);
  return text !== '' && [...own, ...stored].some((one) => one.includes(text));
}

describe('what the model has written', () => {
  it('is what an answer may repeat: the call\'s own words, and whatever was stored before it', () => {
    const call = fc.record({ effect: fc.constantFrom('read' as const, 'keyed' as const), arguments: fc.record({ a: adversarialText, b: fc.oneof(adversarialText, fc.integer()) }) });
    const run = fc.array(call, { minLength: 1, maxLength: 10 }).chain((calls) => fc.record({ calls: fc.constant(calls), sought: fc.array(soughtIn(calls.flatMap(({ arguments: { a, b } }) => [a, b])), { minLength: 1, maxLength: 8 }) }));
    let held = 0;
    fc.assert(fc.property(run, ({ calls, sought }) => {
      const written = new WrittenTexts();
      const echoes: Echo[] = [];
      for (const [at, one] of calls.entries()) {
        echoes.push(written.add(one));
        // An echo of before stays what it was, whatever is written later.
        for (const text of sought.map((value) => compact(String(value)))) {
          for (const [earlier, echo] of echoes.entries()) {
            const expected = scanOf(calls, earlier, text);
            held += expected ? 1 : 0;
            expect([text, at, earlier, echo.holds(text)]).toEqual([text, at, earlier, expected]);
          }
        }
      }
    }), { numRuns: 300 });
    expect(held).toBeGreaterThan(1_000);
  });
});
