import { datesMentioned, isDate } from './dates.js';
import { fold } from './normalise.js';
import { ReadValue, type SoughtValue } from './read-value.js';
import { saysAmount, saysAs, type SaidAs } from './said.js';
import { holdsWords, occurrences } from './words.js';
import { NO_ECHO } from './written-texts.js';

/** A numeral of up to so many digits, or a value of up to so many characters, occurs in text by chance, such as the 13 of "June 13". */
const LONGEST_SHORT_NUMERAL = 6;
const LONGEST_SHORT_VALUE = 2;
/** Before an identifier: "id", "no.", "number", "#", "nr.", perhaps with "is", ":" or a quotation mark, or further identifiers of a list. */
const INTRODUCTION = String.raw`(?:\bids?|\bnos?\.?|\bnrs?\.?|\bnumbers?|#)`;
const CHAIN = String.raw`(?:\s*(?:is|are|of|=|:))?\s*(?:["'“‘(#]?[\p{L}\p{N}_-]{1,12}["'”’)]?\s*(?:,|\band\b|\bor\b|&)\s*)*["'“‘(#]?$`;

/** True for values that say nothing by themselves. A name of three letters, such as "Bob", does. */
export function isShort(folded: string): boolean {
  return folded.length <= LONGEST_SHORT_VALUE || (!/\p{L}/u.test(folded) && folded.length <= LONGEST_SHORT_NUMERAL);
}

/** What the requester wrote, and what of a call's values it names. */
export class UserWords {
  private readonly texts: string[] = [];
  /** As they were written: a capital may tell a name. */
  private readonly written: string[] = [];
  /** What this very run was asked for, folded. */
  private readonly asked: string[] = [];
  private dates: ReadonlySet<string> | undefined;

  /** What the requester wrote for an earlier run states values, and asks for nothing again. */
  add(value: string | number, isEarlier = false): void {
    this.texts.push(fold(String(value)));
    if (!isEarlier) this.asked.push(fold(String(value)));
    this.written.push(String(value));
    this.dates = undefined;
  }

  /** True when the text is among the requester's words as a whole. */
  state(text: string): boolean {
    const folded = fold(text);
    return this.texts.some((own) => holdsWords(own, folded));
  }

  /** True when the requester says the value as what an argument takes it for, or a number as an amount. */
  say(sought: SoughtValue, as: SaidAs): boolean {
    if (typeof sought.value === 'string') return this.written.some((text) => saysAs(text, String(sought.value), as));
    return this.written.some((text) => saysAmount(text, (numeral) => new ReadValue(numeral, 'user', '', NO_ECHO, 'public').states(sought)));
  }

  /** True when one of the texts, folded, by which the requester asked for this run is such. */
  ask(isSuch: (folded: string) => boolean): boolean {
    return this.asked.some(isSuch);
  }

  /**
   * True when the requester names this very thing. A short numeral, or a value of one or two letters, has to be said as an identifier:
   * after "id", "no.", "#" or the like, or after one of `nouns`, as in "file 13"; "June 13" names no file.
   */
  identify(value: string, nouns: readonly string[]): boolean {
    const folded = fold(value);
    if (folded === '') return false;
    if (!isShort(folded)) return this.state(folded);
    const kinds = nouns.filter((noun) => /^[\p{L}\p{N}]+$/u.test(noun)).map((noun) => `\\b${noun}s?`);
    const before = new RegExp(`(?:${[INTRODUCTION, ...kinds].join('|')})${CHAIN}`, 'u');
    return this.texts.some((own) => own === folded || occurrences(own, folded).some((at) => before.test(own.slice(Math.max(0, at - 80), at))));
  }

  /** True when nothing but the requester's words is in it: it is stated by them, or a date that they mention in any form. */
  cover(text: string): boolean {
    if (this.state(text)) return true;
    if (!isDate(text)) return false;
    this.dates ??= new Set(this.texts.flatMap((own) => datesMentioned(own)));
    return [...this.dates].some((mentioned) => text.startsWith(mentioned) || text.slice(4, 10) === mentioned);
  }
}
