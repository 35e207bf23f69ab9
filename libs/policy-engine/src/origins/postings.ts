/**
 * An inverted index: which of the things that were added, by their places, have a feature. Places are added in ascending order.
 * It answers which things may be meant; whoever asks looks at each of them, so a feature may be coarse, and must never be missing.
 */
export class Postings {
  private readonly places = new Map<string, number[]>();

  add(feature: string, place: number): void {
    const known = this.places.get(feature);
    if (known === undefined) this.places.set(feature, [place]);
    else if (known.at(-1) !== place) known.push(place);
  }

  /** Where the rarest of the features is, ascending: a superset of where all of them are. Nothing where one is nowhere, or none is given. */
  rarest(features: Iterable<string>): readonly number[] {
    let fewest: readonly number[] | undefined;
    for (const feature of features) {
      const places = this.places.get(feature);
      if (places === undefined) return [];
      if (fewest === undefined || places.length < fewest.length) fewest = places;
    }
    return fewest ?? [];
  }
}
