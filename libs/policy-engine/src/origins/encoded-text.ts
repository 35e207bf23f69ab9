/** How deep an encoding may be wrapped in another before the search gives up. */
const MAXIMUM_DEPTH = 2;

/** The readable texts that are written in base64 (RFC 4648, either alphabet) or percent-encoding inside a text. */
export function decodedTextsIn(text: string, depth = 0): readonly string[] {
  if (depth >= MAXIMUM_DEPTH) return [];
  const found: string[] = [];
  for (const [token] of text.matchAll(/[A-Za-z0-9+/_-]{12,}={0,2}/g)) {
    const decoded = fromBase64(token);
    if (decoded !== undefined) found.push(decoded, ...decodedTextsIn(decoded, depth + 1));
  }
  for (const [token] of text.matchAll(/[\w.~:/@?&=+%-]+/g)) {
    if (!/%[0-9a-f]{2}/i.test(token)) continue;
    const decoded = token.replace(/%[0-9a-f]{2}/gi, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16)));
    found.push(decoded, ...decodedTextsIn(decoded, depth + 1));
  }
  return found;
}

/** Only printable text counts: most words are valid base64 of noise. */
function fromBase64(token: string): string | undefined {
  const body = token.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  if (body.length % 4 === 1) return undefined;
  const decoded = atob(body);
  return /^[\x20-\x7e\s]+$/.test(decoded) ? decoded : undefined;
}
