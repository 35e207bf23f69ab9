/** Lengths of account numbers by country, from the IBAN registry of ISO 13616. */
const lengths = new Map(
  ('AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 '
    + 'FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 '
    + 'MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 '
    + 'SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30')
    .split(' ')
    .map((entry) => [entry.slice(0, 2).toLowerCase(), Number(entry.slice(2))]),
);

/** True when the check digits of a compact, lower-case account number are right (modulo 97 of ISO 7064). */
function checkDigitsHold(account: string): boolean {
  let remainder = 0;
  for (const character of account.slice(4) + account.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}

/**
 * The IBANs in a compact text (letters and digits only, lower case), in compact form. Searching the compact form finds
 * an account however its groups are written; the country's length and the check digits keep chance hits rare.
 */
export function bankAccountsIn(compactText: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const start of compactText.matchAll(/(?=([a-z]{2})\d{2})/g)) {
    const length = lengths.get(start[1] ?? '');
    if (length === undefined) continue;
    const account = compactText.slice(start.index, start.index + length);
    if (account.length === length && /^[a-z0-9]+$/.test(account) && checkDigitsHold(account)) found.add(account);
  }
  return found;
}

/** True when the whole compact text is one IBAN. */
export function isBankAccount(compactText: string): boolean {
  return lengths.get(compactText.slice(0, 2)) === compactText.length && bankAccountsIn(compactText).has(compactText);
}
