import { describe, expect, it } from '@jest/globals';
import { findIbans, isIban } from './bank-account.js';

describe('bank accounts', () => {
  it('accepts the example accounts of the IBAN registry', () => {
    for (const iban of ['DE89370400440532013000', 'GB29NWBK60161331926819', 'NL91ABNA0417164300', 'BE68539007547034', 'CH9300762011623852957']) expect(isIban(iban)).toBe(true);
  });

  it('rejects wrong check digits, wrong lengths, spaces and lower case', () => {
    for (const text of ['DE88370400440532013000', 'DE8937040044053201300', 'DE89 3704 0044 0532 0130 00', 'de89370400440532013000', '']) expect(isIban(text)).toBe(false);
  });

  it('finds accounts written in groups and does not take the words that follow', () => {
    expect(findIbans('Pay to IBAN BE68 5390 0754 7034 BIC KREDBEBB or DE89370400440532013000, order PO-7041')).toEqual(['BE68539007547034', 'DE89370400440532013000']);
  });
});
