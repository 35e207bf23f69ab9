/**
 * A short mark of a text, by which equal texts are known: 53 bits, cyrb53 (bryc, public domain,
 * https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js), in base 36.
 *
 * It is no cryptographic digest, since the core has none. Whoever could choose texts with equal marks would only make a run look
 * as if it repeated itself, and can do that more easily by repeating them.
 */
export function mark(text: string): string {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    h1 = Math.imul(h1 ^ code, 2_654_435_761);
    h2 = Math.imul(h2 ^ code, 1_597_334_677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2_246_822_507) ^ Math.imul(h2 ^ (h2 >>> 13), 3_266_489_909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2_246_822_507) ^ Math.imul(h1 ^ (h1 >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & h2) + (h1 >>> 0)).toString(36);
}
