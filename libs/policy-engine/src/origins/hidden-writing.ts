import { decodedTextsIn } from './encoded-text.js';

/** A piece of a text that says something else to a program, or to a careful reader, than it seems to. */
export interface HiddenWriting {
  readonly kind: 'invisible characters' | 'mixed alphabets' | 'letters written apart' | 'encoded text';
  /** The piece as it is written. */
  readonly value: string;
}

/** Characters without a glyph, between letters of alphabets that have no use for them. */
const invisible = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}][\u00ad\u200b-\u200f\u2060-\u2064\ufeff\u{e0000}-\u{e007f}]+\S{0,40}/u;
const word = /[\p{L}\p{M}]+/gu;
const latin = /\p{Script=Latin}/u;
/** Alphabets with letters that look like Latin ones; see Unicode Technical Standard 39 on mixed-script confusables. */
const lookalike = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;
const apart = /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}][^\p{L}\p{N}]{1,4}){8,}/u;
const LONGEST = 120;

/**
 * Ways of writing under which a text may carry an address, or anything else, past whoever reads it. What is written so cannot be judged, so it is
 * itself a value that somebody has to answer for. One of each kind is enough.
 */
export function hiddenWritingIn(text: string): readonly HiddenWriting[] {
  const found: HiddenWriting[] = [];
  const add = (kind: HiddenWriting['kind'], value: string | undefined): void => {
    if (value !== undefined) found.push({ kind, value: value.slice(0, LONGEST) });
  };
  add('invisible characters', invisible.exec(text)?.[0]);
  add('mixed alphabets', !lookalike.test(text) ? undefined : text.match(word)?.find((letters) => latin.test(letters) && lookalike.test(letters)));
  add('letters written apart', apart.exec(text)?.[0]);
  add('encoded text', decodedTextsIn(text)[0]);
  return found;
}
