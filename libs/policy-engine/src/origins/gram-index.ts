import { Postings } from './postings.js';

/** Letters of one gram. Three tell texts apart well enough, and there are never many different ones. */
const GRAM = 3;

/**
 * Finds which texts may hold a run of letters anywhere within them. Of each text one gram in `stride` letters is kept, so a needle has
 * to have {@link GramIndex.shortest} letters at least: wherever it stands, one of its own first `stride` grams is among those kept.
 */
export class GramIndex {
  private readonly grams = new Postings();

  constructor(private readonly stride: number) {}

  /** The least length of a needle. */
  get shortest(): number {
    return GRAM + this.stride - 1;
  }

  /** The index that finds any needle of so many letters with the fewest grams. */
  static forNeedlesOf(letters: number): GramIndex {
    return new GramIndex(letters - GRAM + 1);
  }

  add(text: string, place: number): void {
    for (let at = 0; at + GRAM <= text.length; at += this.stride) this.grams.add(text.slice(at, at + GRAM), place);
  }

  /** Lists of places, each ascending, that together have every text which holds the needle: a list for each way in which it may lie upon the grams that are kept. */
  mayHold(needle: string): readonly (readonly number[])[] {
    const { stride } = this;
    return Array.from({ length: stride }, (_, first) => {
      const own: string[] = [];
      for (let at = first; at + GRAM <= needle.length; at += stride) own.push(needle.slice(at, at + GRAM));
      return this.grams.rarest(own);
    });
  }
}
