import type { PublicView } from '../runs/public-event.js';

/** What may be the beginning of a credential: the last word, with the word before it that announces one. See `redactText`. */
const LAST_WORD = /(?:\b(?:bearer|basic) )?[\x21-\x7e]*$/i;

/**
 * Shows a text piece by piece as {@link PublicView} shows it whole: an end that may be the beginning of something secret is
 * held back until what follows tells.
 */
export class Screen {
  private held = '';

  constructor(private readonly view: Pick<PublicView, 'known' | 'scrubText'>) {}

  /** Characters that are held back. */
  get waiting(): number {
    return this.held.length;
  }

  /** What may be shown now that this was said. */
  add(text: string): string {
    this.held += text;
    return this.take(safeLength(this.held, this.view.known));
  }

  /** What was held back, when nothing more will be said. */
  rest(): string {
    return this.take(this.held.length);
  }

  clear(): void {
    this.held = '';
  }

  private take(length: number): string {
    const shown = this.view.scrubText(this.held.slice(0, length));
    this.held = this.held.slice(length);
    return shown;
  }
}

/** How much of a text can be cut off without cutting through a credential or a secret, whatever follows. */
function safeLength(text: string, secrets: readonly string[]): number {
  for (let cut = text.length; ;) {
    const word = text.slice(0, cut).search(LAST_WORD);
    const next = secrets.reduce((least, secret) => Math.min(least, beginningAcross(text, secret, least)), word);
    if (next === cut) return cut;
    cut = next;
  }
}

/** Where a secret begins that the cut would divide, the first one; the cut itself when there is none. */
function beginningAcross(text: string, secret: string, cut: number): number {
  for (let at = Math.max(0, cut - secret.length + 1); at < cut; at += 1) {
    if (text[at] === secret[0] && secret.startsWith(text.slice(at, at + secret.length))) return at;
  }
  return cut;
}
