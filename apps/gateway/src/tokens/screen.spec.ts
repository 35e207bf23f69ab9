import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PublicView } from '../runs/public-event.js';
import { Screen } from './screen.js';

/** A view that knows these secrets. */
const viewOf = (...secrets: readonly string[]): PublicView => new PublicView(secrets);

function piecewise(view: PublicView, pieces: readonly string[]): readonly string[] {
  const screen = new Screen(view);
  return [...pieces.map((piece) => screen.add(piece)), screen.rest()];
}

describe('what a model says, piece by piece', () => {
  it('is shown as soon as it can be nothing secret', () => {
    expect(piecewise(viewOf('DE99 SECRET'), ['Pay the ', 'invoice ', 'to DE', '99 SEC', 'RET now', '.'])).toEqual(['Pay the ', 'invoice ', 'to ', '', '[secret] ', '', 'now.']);
  });

  it('is shown when what looked like the beginning of a secret goes on otherwise', () => {
    expect(piecewise(viewOf('open sesame please'), ['open ses', 'ame street ', 'now'])).toEqual(['', 'open sesame street ', '', 'now']);
  });

  it('hides a credential that nobody has labelled, wherever it is cut', () => {
    const text = 'Use Bearer abcdefghijklmnop and sk-0123456789abcdefghij at once.';
    for (let cut = 0; cut <= text.length; cut += 1) {
      const shown = piecewise(viewOf(), [text.slice(0, cut), text.slice(cut)]).join('');
      expect(shown).toBe('Use Bearer [redacted] and [redacted] at once.');
    }
  });

  it('amounts to what the whole text is shown as, however it is cut', () => {
    const word = fc.constantFrom('pin-4711', 'pin', 'DE99 SECRET', 'DE99 ', 'Bearer ', 'abcdefghij', ' ', '\n', 'sk-0123456789abcdefgh', '4711', 'ä', 'SECRET');
    fc.assert(fc.property(fc.array(word, { maxLength: 12 }), fc.array(fc.nat(80), { maxLength: 6 }), (words, cuts) => {
      const text = words.join('');
      const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
      const view = viewOf('pin-4711', 'DE99 SECRET');
      expect(piecewise(view, places.slice(1).map((end, index) => text.slice(places[index], end))).join('')).toBe(view.scrubText(text));
    }), { numRuns: 1_000 });
  });
});
