import type { Secrecy, Trust } from '@holdfast/contracts';
import { bankAccountsIn, isBankAccount } from './bank-accounts.js';
import { decodedTextsIn } from './encoded-text.js';
import { compact, fold, valueKey } from './normalise.js';
import { numbersIn, type StatedNumbers } from './numbers-in-text.js';
import { holdsWords, wordsIn } from './words.js';
import type { Echo } from './written-texts.js';

/** Below this a run of letters occurs in text by chance, so only whole words count. */
export const SHORTEST_HIDDEN_VALUE = 6;

/** The value that an argument gives and how it may be read. */
export class SoughtValue {
  readonly key: string | undefined;
  readonly folded: string;
  readonly compact: string;
  readonly hidden: readonly string[];

  /** `money` says that a number is an amount in minor units, which text may state in major units. */
  constructor(readonly value: string | number, readonly money: boolean) {
    this.key = valueKey(value);
    this.folded = fold(String(value));
    this.compact = compact(String(value));
    this.hidden = [this.compact, ...decodedTextsIn(String(value)).map((text) => compact(text))].filter((text) => text.length >= SHORTEST_HIDDEN_VALUE);
  }

  /** The number that is sought, where the value is a plain one. */
  get number(): number | undefined {
    return this.key?.startsWith('number:') ? Number(this.key.slice('number:'.length)) : undefined;
  }

  /** Of {@link ReadValue.features}, what the very value has. */
  get equalFeatures(): readonly string[] {
    return this.key === undefined ? [] : [equal(this.key)];
  }

  /** All of these whatever else states the value has. */
  get statedFeatures(): readonly string[] {
    if (isBankAccount(this.compact)) return [account(this.compact)];
    const { number } = this;
    return number === undefined ? wordsIn(this.folded).map(word) : [this.money ? minorUnits(number) : plain(number)];
  }

  /** One of these whatever conceals the value has that does not have the letters of {@link hidden} among its {@link ReadValue.readings}. */
  get concealedFeatures(): readonly string[] {
    return this.number === undefined ? [] : [plain(this.number), minorUnits(this.number)];
  }
}

const equal = (key: string): string => `=${key}`;
const account = (letters: string): string => `@${letters}`;
const plain = (number: number): string => `#${number}`;
const minorUnits = (number: number): string => `$${number}`;
/** So few letters of a word are a string of their own to the engine, and do not keep the text alive that the word is cut out of. */
const word = (letters: string): string => `w${letters.slice(0, 11)}`;

/** One value that the run has read, with its label and everything derived from it, computed when first needed. */
export class ReadValue {
  readonly key: string | undefined;
  private foldedText: string | undefined;
  private compactText: string | undefined;
  private everyReading: string | undefined;
  private statedNumbers: StatedNumbers | undefined;
  private accounts: ReadonlySet<string> | undefined;

  /** `echo` is what the model had written when this value was read. */
  constructor(
    readonly value: string | number,
    readonly trust: Trust,
    readonly source: string,
    private readonly echo: Echo,
    readonly secrecy: Secrecy,
  ) {
    this.key = valueKey(value);
  }

  /** True when this value is the sought one or, being text, states it in whole words: strict enough to vouch for it. */
  states(sought: SoughtValue): boolean {
    if (sought.key !== undefined && sought.key === this.key) return true;
    if (typeof this.value !== 'string') return false;
    this.compactText ??= compact(this.value);
    if (isBankAccount(sought.compact)) {
      this.accounts ??= bankAccountsIn(this.compactText);
      return this.accounts.has(sought.compact);
    }
    const { number } = sought;
    if (number !== undefined) {
      this.statedNumbers ??= numbersIn(this.value.normalize('NFKC'));
      return (sought.money ? this.statedNumbers.minorUnits : this.statedNumbers.plain).has(number);
    }
    this.foldedText ??= fold(this.value);
    return holdsWords(this.foldedText, sought.folded);
  }

  /** True when the value can be got out of this text in any way that we know, spaced, joined or encoded. */
  conceals(sought: SoughtValue): boolean {
    if (typeof this.value !== 'string') return false;
    const { number } = sought;
    if (number !== undefined) {
      this.statedNumbers ??= numbersIn(this.value.normalize('NFKC'));
      if (this.statedNumbers.plain.has(number) || this.statedNumbers.minorUnits.has(number)) return true;
    }
    const { readings } = this;
    return sought.hidden.some((needle) => readings.includes(needle));
  }

  /** What can be read in this text, its letters alone: as it stands, and whatever is encoded in it. */
  get readings(): string {
    const text = this.value;
    this.everyReading ??= typeof text !== 'string' ? '' : [compact(text), ...decodedTextsIn(text).map((decoded) => compact(decoded))].join(' ');
    return this.everyReading;
  }

  /** What an index finds this value by: itself, and of a text its words, and the numbers and bank accounts that it states. */
  get features(): readonly string[] {
    const same = this.key === undefined ? [] : [equal(this.key)];
    if (typeof this.value !== 'string') return same;
    const numbers = numbersIn(this.value.normalize('NFKC'));
    return [...same, ...[...bankAccountsIn(compact(this.value))].map(account), ...[...numbers.plain].map(plain), ...[...numbers.minorUnits].map(minorUnits), ...wordsIn(fold(this.value)).map(word)];
  }

  /** True when the tool may only have repeated what the model gave it, which vouches for nothing. */
  repeats(sought: SoughtValue): boolean {
    return this.echo.holds(sought.compact);
  }
}
