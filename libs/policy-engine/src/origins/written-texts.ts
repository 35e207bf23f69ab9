import { leavesOf, type EffectClass } from '@holdfast/contracts';
import { compact } from './normalise.js';

/** What a tool may only repeat in an answer, since the model had written it. */
export interface Echo {
  readonly isEmpty: boolean;
  /** True when the compact text is within something that the model had written. */
  holds(compactText: string): boolean;
}

export const NO_ECHO: Echo = { isEmpty: true, holds: () => false };

/**
 * What the model wrote into calls, in order. A tool that answers with it vouches for nothing: neither in the answer to that very
 * call, nor in any later answer, where the call may have stored it.
 */
export class WrittenTexts {
  private readonly stored: string[] = [];

  /** Takes a call, and returns what its answer may repeat. A read stores nothing, so only its own answer can. */
  add({ effect, arguments: args }: { readonly effect: EffectClass; readonly arguments: Readonly<Record<string, unknown>> }): Echo {
    const own = leavesOf(args, { names: true }).map((leaf) => compact(String(leaf.value))).filter((text) => text !== '');
    if (effect !== 'read') this.stored.push(...own);
    const { stored } = this;
    const upTo = stored.length;
    const mayHold = (text: string): boolean => own.some((one) => one.includes(text)) || stored.findIndex((one, at) => at < upTo && one.includes(text)) !== -1;
    return { isEmpty: own.length + upTo === 0, holds: (text) => text !== '' && mayHold(text) };
  }
}
