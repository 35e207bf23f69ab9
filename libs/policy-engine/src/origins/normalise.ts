import { isBankAccount } from './bank-accounts.js';

/**
 * The form in which two writings of one value are equal: NFKC, white space folded and trimmed, case folded. It keeps
 * invisible characters, so that a value which hides one is not taken for the clean value somebody vouched for.
 */
export function fold(text: string): string {
  return text.normalize('NFKC').replace(/\s+/gu, ' ').trim().toLowerCase();
}

/** Letters and digits only, folded: the form in which text from outside is searched, since its author may hide a value. */
export function compact(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** An IBAN has 34 letters at most; with as many marks between them it is still meant as one. */
const LONGEST_ACCOUNT = 100;

/** The key under which a leaf of JSON is looked up exactly; a plain numeral equals the number, and a bank account its groups. */
export function valueKey(value: unknown): string | undefined {
  if (typeof value === 'number') return `number:${value}`;
  if (typeof value !== 'string') return undefined;
  const folded = fold(value);
  if (/^(0|[1-9]\d{0,14})$/.test(folded)) return `number:${Number(folded)}`;
  if (folded.length <= LONGEST_ACCOUNT) {
    const letters = compact(folded);
    if (isBankAccount(letters)) return `account:${letters}`;
  }
  return folded === '' ? undefined : `text:${folded}`;
}
