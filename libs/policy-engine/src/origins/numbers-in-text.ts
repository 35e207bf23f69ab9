/** The numbers that a text states: as they stand, and money in minor units (cents). */
export interface StatedNumbers {
  readonly plain: ReadonlySet<number>;
  readonly minorUnits: ReadonlySet<number>;
}

// A number stands alone: it is no part of a word, a reference such as PO-7041, a date or a longer number.
const standing = /(?<![\p{L}\p{N}\-_/]|[.,]\p{N}*|\p{N}[.,' ])\d+(?:[.,' ]\d{3})*(?:[.,]\d{1,2})?(?![\p{L}\p{N}]|[-_/.,:]\p{N})/gu;
const currencyBefore = /(?:[€$£]|\b(?:eur|usd|gbp|chf))\s?$/iu;
const currencyAfter = /^\s?(?:[€$£]|(?:eur|usd|gbp|chf|euros?|dollars?|pounds?|francs?)\b)/iu;

/**
 * Reads the numbers of a text. `1,500.00`, `1.500,00` and `1 500,00` are 1500 and 150000 minor units; a whole number next
 * to a currency is money in major units only; any other whole number is itself. What could be read in two ways is left
 * out, since a wrong reading would vouch for an amount that nobody stated.
 */
export function numbersIn(text: string): StatedNumbers {
  const plain = new Set<number>();
  const minorUnits = new Set<number>();
  for (const match of text.matchAll(standing)) {
    const written = match[0];
    const money = currencyBefore.test(text.slice(Math.max(0, match.index - 5), match.index)) || currencyAfter.test(text.slice(match.index + written.length, match.index + written.length + 9));
    const decimals = /^(\d{1,3}(?:([.,' ])\d{3}(?:\2\d{3})*)?|\d+)([.,])(\d{2})$/.exec(written);
    if (decimals !== null && decimals[2] !== decimals[3]) {
      const whole = (decimals[1] ?? '').replace(/\D/g, '');
      plain.add(Number(`${whole}.${decimals[4]}`));
      minorUnits.add(Number(`${whole}${decimals[4]}`));
    } else if (/^\d+$/.test(written) || /^\d{1,3}([.,'])\d{3}(?:\1\d{3})*$/.test(written)) {
      const value = Number(written.replace(/\D/g, ''));
      plain.add(value);
      minorUnits.add(money ? value * 100 : value);
    }
  }
  return { plain, minorUnits };
}
