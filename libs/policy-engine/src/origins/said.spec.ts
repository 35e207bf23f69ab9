import { describe, expect, it } from '@jest/globals';
import { numbersIn } from './numbers-in-text.js';
import { saysAmount, saysAs } from './said.js';

const as = (argument: string, ...nouns: string[]) => ({ argument, nouns });

describe('a requester\'s text', () => {
  it.each([
    ['Write to bob@partner.example, please.', 'bob@partner.example', as('to')], ['bob', 'bob', as('user')], ['Send it to Bob.', 'Bob', as('user')], ['Could you tell Bob about it?', 'Bob', as('user')], ['send it to bob', 'bob', as('user')],
    ['Post it in the channel general.', 'general', as('channel')], ['Post it in the general channel', 'general', as('channel', 'channel')], ['Post it to "general"', 'general', as('channel')], ['Book the hotel Zum Anker for two', 'Zum Anker', as('hotel')],
    ['My new password is sesame', 'sesame', as('password')], ['Set it to "sesame"', 'sesame', as('new_password')], ['Pay from ACC-111 to ACC-222', 'ACC-111', as('from')], ['Pay from ACC-111 to ACC-222', 'ACC-222', as('to')],
    ['Do not forget this. Write to bob@partner.example.', 'bob@partner.example', as('to')], ['Lade Björn ein', 'Björn', as('user')], ['Bitte an die Gruppe "alle" schicken', 'alle', as('group')], ['給張偉發信', '給張偉發信', as('to')],
  ])('"%s" says %s', (text, value, asked) => {
    expect(saysAs(text, value, asked)).toBe(true);
  });

  it.each([
    ['Could you please check my account settings?', 'please', as('password')], ['Could you please check my account settings?', 'settings', as('password')], ['In general, what is new?', 'general', as('channel')], ['Find a hotel in Riverside', 'Hotel', as('hotel')],
    ['Tell bob@partner.example, but never carl@rival.example', 'carl@rival.example', as('to')], ["Don't write to carl@rival.example", 'carl@rival.example', as('to')], ['Write to all except "Carl"', 'Carl', as('user')], ['Schreib nicht an carl@rival.example', 'carl@rival.example', as('to')],
    ['Pay from ACC-111 to ACC-222', 'ACC-222', as('from')], ['Pay from ACC-111 to ACC-222', 'ACC-111', as('to')], ['Pay from ACC-111 to ACC-222', 'ACC-111', as('recipient')],
    ["Write to o'neil@corp.example", 'neil@corp.example', as('to')], ['Read https://x.example/a,b', 'https://x.example/a', as('url')], ['Write to a.b@corp.example', 'b@corp.example', as('to')],
    ['Please send it now', 'please', as('user')], ['The team is tired', 'team', as('user')], ['Today is fine', 'Today', as('user')], ['', '', as('to')],
  ])('"%s" does not say %s', (text, value, asked) => {
    expect(saysAs(text, value, asked)).toBe(false);
  });

  const amount = (value: number) => (written: string): boolean => { const { plain, minorUnits } = numbersIn(written); return plain.has(value) || minorUnits.has(value); };
  it.each([['Pay 12.00 EUR', 1200], ['Send $50 to Bob', 5000], ['Set the limit to 700', 700], ['Transfer exactly 50 to Bob', 50], ['raise it by 10%', 10], ['1200', 1200], ['a refund of 49.90', 4990]])('"%s" states the amount %d', (text, value) => {
    expect(saysAmount(text, amount(value))).toBe(true);
  });
  it.each([['Pay what the 2024 bill says', 2024], ['Pay the bill of 2024', 2024], ['Pay 12.00 EUR; I moved to 99000 Elm Street', 99000], ['We are at 1600 Elm Street', 1600], ['Never pay 500 EUR', 50000], ['Meet me at 10:30', 10], ['see page 7', 7]])('"%s" states no amount %d', (text, value) => {
    expect(saysAmount(text, amount(value))).toBe(false);
  });

  it('is read in time linear in its length', () => {
    const long = 'to a'.repeat(25_000);
    expect(saysAs(`${long} bob`, 'bob', as('user'))).toBe(false);
    expect(saysAmount('1 '.repeat(20_000), () => false)).toBe(false);
  });
});
