import fc from 'fast-check';

const ACCOUNTS = ['PT50000201231234567890154', 'LT203250078412390617', 'ES9121000418450200051332'];

/** Pieces that texts are made of so that readings overlap, change their length, or hide in one another. */
const pieces = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('po', 'PO-7041', 'acme', 'Acme', 'corvo', 'print', 'the', 'invoice', 'invoices', 'inv', 'a@b.example', 'evil.example', 'https://b.example/pay?x=1', 'o\'neil@x.example', '7041', '1,500.00', '1.500,00', '1 500,00', '1500', '150000', '12.50', '€', '$', 'EUR', '0', '00', '2024-05-15') },
  { weight: 5, arbitrary: fc.constantFrom(' ', ' ', ' ', '  ', '\n', '\u00a0', '\u3000', '-', '_', '.', ',', '@', '/', ':', '%', '=', '"', '\'', '(', ')', '') },
  { weight: 2, arbitrary: fc.constantFrom('é', 'e\u0301', '\u0301', 'ﬁ', 'ﬃ', 'Ａ', 'Ⅷ', '½', 'ß', 'ẞ', 'İ', 'ı', 'Σ', 'ς', '\u212a', '\u200b', '\u00ad', '\ufeff', '\u202e', '𐐀', '𝒜', '😀', '👩\u200d💻', '\ud83d', '\ude00', '\ud801', '\udc00', '日本', '語', 'עברית', 'हिन्दी', 'Ω', '\u0000') },
  { weight: 2, arbitrary: fc.constantFrom(...ACCOUNTS).chain((account) => fc.constantFrom(account, account.toLowerCase(), account.replace(/(.{4})/g, '$1 ').trim(), account.slice(0, -1), account.split('').join('.'), account.split('').join('\u200b'))) },
  { weight: 1, arbitrary: fc.constantFrom(...ACCOUNTS, 'thief@evil.example', 'pay 1500 now').chain((secret) => fc.constantFrom(btoa(secret), btoa(btoa(secret)), [...secret].map((letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''), encodeURIComponent(btoa(secret)))) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('a', 'ab', 'abc', 'é', '日'), fc.integer({ min: 5, max: 40 })).map(([letters, times]) => letters.repeat(times)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
);

/** A text of somebody who knows how texts are searched. */
export const adversarialText = fc.array(pieces, { maxLength: 10 }).map((parts) => parts.join(''));

/** A value that one of the texts holds in some way, nearly holds, or does not hold at all. */
export function soughtIn(texts: readonly (string | number)[]): fc.Arbitrary<string | number> {
  const part = fc.record({ text: fc.constantFrom(...texts), from: fc.nat({ max: 60 }), length: fc.nat({ max: 40 }) })
    .map(({ text, from, length }) => (typeof text === 'number' ? String(text) : text.slice(from % (text.length + 1), (from % (text.length + 1)) + length)));
  const rewritten = fc.tuple(part, fc.constantFrom<(text: string) => string>(
    (text) => text, (text) => text.toUpperCase(), (text) => text.toLowerCase(), (text) => text.normalize('NFD'), (text) => text.normalize('NFKC'), (text) => text.trim(), (text) => text.replace(/[^\p{L}\p{N}]/gu, ''),
    (text) => [...text].join(' '), (text) => text.replace(/\s+/gu, '\u00a0'), (text) => Buffer.from(text, 'utf8').toString('base64'), (text) => `${text}x`, (text) => `x${text}`, (text) => `${text}-`,
  )).map(([text, rewrite]) => rewrite(text));
  const token = fc.record({ text: fc.constantFrom(...texts), at: fc.nat({ max: 20 }) }).map(({ text, at }) => {
    const tokens = String(text).split(/\s+/u);
    return tokens[at % tokens.length] ?? '';
  });
  return fc.oneof({ weight: 4, arbitrary: rewritten }, { weight: 3, arbitrary: token }, { weight: 2, arbitrary: fc.constantFrom(...texts) }, { weight: 1, arbitrary: adversarialText }, { weight: 2, arbitrary: fc.constantFrom(1500, 150_000, 1250, 7041, 0, 0.5, 12.5, ...ACCOUNTS, 'acme', 'evil.example') });
}
