/** Lengths of the countries' account numbers, from the IBAN registry of ISO 13616; only those that this example meets. */
const ibanLengths: Readonly<Record<string, number>> = {
  AT: 20, BE: 16, CH: 21, CZ: 24, DE: 22, DK: 18, EE: 20, ES: 24, FI: 18, FR: 27, GB: 22, IE: 22, IT: 27, LT: 20, LU: 20, LV: 21, NL: 18, PL: 28, PT: 25, SE: 24,
};

/** True for an IBAN in electronic form (no spaces) whose length and check digits are right (ISO 13616, modulo 97 of ISO 7064). */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  const length = ibanLengths[text.slice(0, 2)];
  if (length !== undefined && text.length !== length) return false;
  const rearranged = text.slice(4) + text.slice(0, 4);
  let remainder = 0;
  for (const character of rearranged) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}

/** Every IBAN that is written in a text, with or without spaces between its groups, in electronic form and in order. */
export function findIbans(text: string): readonly string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,34}/g)) {
    const written = match[0].replaceAll(' ', '');
    const length = ibanLengths[written.slice(0, 2)] ?? written.length;
    const candidate = written.slice(0, length);
    if (isIban(candidate)) found.push(candidate);
  }
  return found;
}
