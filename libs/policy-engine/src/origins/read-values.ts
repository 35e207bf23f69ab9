import { GramIndex } from './gram-index.js';
import { Postings } from './postings.js';
import { SHORTEST_HIDDEN_VALUE, type ReadValue, type SoughtValue } from './read-value.js';

type Places = readonly number[];

/** Whether a value that was found is one to go by. */
export type Acceptance = (read: ReadValue) => boolean;

/**
 * Values that a run has read, in that order. An index tells which of them may be, state or conceal what is sought, and only these are
 * looked at: so a look-up takes no longer after a thousand observations than after ten, but for words and letters that are in very many of
 * them. What was read since the last look-up is indexed when the next one needs it.
 */
export class ReadValues {
  private readonly values: ReadValue[] = [];
  private readonly features = new Postings();
  private readonly letters = GramIndex.forNeedlesOf(SHORTEST_HIDDEN_VALUE);
  private withFeatures = 0;
  private withLetters = 0;

  add(read: ReadValue): void {
    this.values.push(read);
  }

  /** All that are the very value. */
  equal(sought: SoughtValue): readonly ReadValue[] {
    return this.havingAll(sought.equalFeatures).flatMap((place) => this.values[place] ?? []);
  }

  /** The first that is the very value. */
  firstEqual(sought: SoughtValue, accepts: Acceptance): ReadValue | undefined {
    return this.firstOf([this.havingAll(sought.equalFeatures)], accepts);
  }

  /** The first that {@link ReadValue.states} the value. */
  firstStating(sought: SoughtValue, accepts: Acceptance): ReadValue | undefined {
    return this.firstOf(this.mayState(sought), (read) => read.states(sought) && accepts(read));
  }

  /** The first that {@link ReadValue.conceals} the value. */
  firstConcealing(sought: SoughtValue, accepts: Acceptance): ReadValue | undefined {
    return this.firstOf(this.mayConceal(sought), (read) => read.conceals(sought) && accepts(read));
  }

  /** The first that does either. */
  firstHolding(sought: SoughtValue): ReadValue | undefined {
    return this.firstOf([...this.mayState(sought), ...this.mayConceal(sought)], (read) => read.states(sought) || read.conceals(sought));
  }

  private mayState(sought: SoughtValue): readonly Places[] {
    if (sought.folded === '') return [];
    // A value of signs alone has no words to be found by.
    return [this.havingAll(sought.equalFeatures), sought.statedFeatures.length === 0 ? [...this.values.keys()] : this.havingAll(sought.statedFeatures)];
  }

  private mayConceal(sought: SoughtValue): readonly Places[] {
    for (; this.withLetters < this.values.length; this.withLetters += 1) this.letters.add(this.values[this.withLetters]?.readings ?? '', this.withLetters);
    return [...sought.concealedFeatures.map((feature) => this.havingAll([feature])), ...sought.hidden.flatMap((needle) => this.letters.mayHold(needle))];
  }

  private havingAll(features: readonly string[]): Places {
    for (; this.withFeatures < this.values.length; this.withFeatures += 1) {
      for (const feature of this.values[this.withFeatures]?.features ?? []) this.features.add(feature, this.withFeatures);
    }
    return this.features.rarest(features);
  }

  private firstOf(lists: readonly Places[], isIt: Acceptance): ReadValue | undefined {
    const first = lists.reduce((best, places) => {
      const found = places.find((place) => {
        const read = this.values[place];
        return place >= best || read === undefined || isIt(read);
      });
      return Math.min(best, found ?? best);
    }, this.values.length);
    return this.values[first];
  }
}
