import type { Secrecy, Trust } from '@holdfast/contracts';
import { bankAccountsIn, isBankAccount } from './bank-accounts.js';
import { decodedTextsIn } from './encoded-text.js';
import { compact, fold, valueKey } from './normalise.js';
import { numbersIn, type StatedNumbers } from './numbers-in-text.js';
import { holdsWords } from './words.js';
import type { Echo } from './written-texts.js';

/** Below this a run of letters occurs in text by chance, so only whole words count. */
const SHORTEST_HIDDEN_VALUE = 6;

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
}

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
    const text = this.value;
    this.everyReading ??= [compact(text), ...decodedTextsIn(text).map((decoded) => compact(decoded))].join(' ');
    return sought.hidden.some((needle) => this.everyReading?.includes(needle));
  }

  /** True when the model had written anything that the tool may have repeated. */
  get mayRepeat(): boolean {
    return !this.echo.isEmpty;
  }

  /** True when the tool may only have repeated what the model gave it, which vouches for nothing. */
  repeats(sought: SoughtValue): boolean {
    return this.echo.holds(sought.compact);
  }
}
