import { leavesOf, type EffectClass } from '@holdfast/contracts';
import { GramIndex } from './gram-index.js';
import { compact } from './normalise.js';

/** What a tool may only repeat in an answer, since the model had written it. */
export interface Echo {
  /** True when the compact text is within something that the model had written. */
  holds(compactText: string): boolean;
}

export const NO_ECHO: Echo = { holds: () => false };

/**
 * What the model wrote into calls, in order. A tool that answers with it vouches for nothing: neither in the answer to that very
 * call, nor in any later answer, where the call may have stored it.
 */
export class WrittenTexts {
  private readonly stored: string[] = [];
  private readonly places = new Map<string, number>();
  private readonly letters = new GramIndex(1);
  /** Where a text shorter than the index finds is written first. */
  private readonly firstOfFew = new Map<string, number>();
  /** The answer to the last question: one value is asked for in many places. */
  private last: { readonly text: string; readonly first: number } | undefined;

  /** Takes a call, and returns what its answer may repeat. A read stores nothing, so only its own answer can. */
  add({ effect, arguments: args }: { readonly effect: EffectClass; readonly arguments: Readonly<Record<string, unknown>> }): Echo {
    const own = leavesOf(args, { names: true }).map((leaf) => compact(String(leaf.value))).filter((text) => text !== '');
    if (effect !== 'read') for (const text of own) this.store(text);
    const upTo = this.stored.length;
    return { holds: (text) => text !== '' && (own.some((one) => one.includes(text)) || this.firstHolding(text) < upTo) };
  }

  private store(text: string): void {
    // What is written again is found where it was written first.
    if (this.places.has(text)) return;
    const place = this.stored.length;
    this.places.set(text, place);
    this.stored.push(text);
    this.letters.add(text, place);
    for (let length = 1; length < this.letters.shortest; length += 1) {
      for (let at = 0; at + length <= text.length; at += 1) {
        const few = text.slice(at, at + length);
        if (!this.firstOfFew.has(few)) this.firstOfFew.set(few, place);
      }
    }
    this.last = undefined;
  }

  /** The place of the first text that holds this one; infinite when none does. */
  private firstHolding(text: string): number {
    if (this.last?.text !== text) this.last = { text, first: this.look(text) };
    return this.last.first;
  }

  private look(text: string): number {
    if (text.length < this.letters.shortest) return this.firstOfFew.get(text) ?? Infinity;
    return Math.min(...this.letters.mayHold(text).map((places) => places.find((place) => this.stored[place]?.includes(text)) ?? Infinity));
  }
}
