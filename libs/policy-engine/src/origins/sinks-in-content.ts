import { bankAccountsIn } from './bank-accounts.js';
import { decodedTextsIn } from './encoded-text.js';
import { compact } from './normalise.js';

/** A place that a text tells its reader to send something to. */
export interface ContentSink {
  readonly kind: 'web address' | 'e-mail address' | 'bank account';
  readonly value: string;
}

// Each pattern can begin only where a token begins, so that hostile text is searched in time linear in its length.
const webAddress = /(?<![a-z0-9+.-])[a-z0-9+.-]+:\/\/[^\s<>"'`)\]}]+|\bwww\.[^\s<>"'`)\]}]+|(?<![@\p{L}\p{N}.-])(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}\/[^\s<>"'`)\]}]*/giu;
const mailAddress = /(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}._%+'-]+@(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,}/giu;

/** Every URL, e-mail address and IBAN of a text, also where it hides behind spacing, case or an encoding. */
export function sinksIn(text: string): readonly ContentSink[] {
  const found = new Map<string, ContentSink>();
  for (const written of [text, ...decodedTextsIn(text)]) {
    const visible = written.normalize('NFKC').replace(/\p{Cf}/gu, '');
    for (const [address] of visible.matchAll(webAddress)) add({ kind: 'web address', value: address.replace(/[.,;:!?]+$/, '') });
    for (const [address] of visible.matchAll(mailAddress)) add({ kind: 'e-mail address', value: address.replace(/[.]+$/, '') });
    for (const account of bankAccountsIn(compact(visible))) add({ kind: 'bank account', value: account.toUpperCase() });
  }
  return [...found.values()];

  function add(sink: ContentSink): void {
    found.set(`${sink.kind} ${sink.value}`, sink);
  }
}

/** The host that a URL or an e-mail address leads to, in lower case; undefined for other values. */
export function hostOf(value: string): string | undefined {
  const mail = /^[^@\s/]+@([^@\s/]+)$/.exec(value);
  const web = /^(?:[a-z][a-z0-9+.-]*:\/\/|(?=www\.))(?:[^@/\s]*@)?([^/:?#\s]+)/i.exec(value);
  return (mail?.[1] ?? web?.[1])?.toLowerCase();
}
