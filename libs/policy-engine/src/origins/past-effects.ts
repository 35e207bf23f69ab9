import { canonicalJson, hasActed, leavesOf, type RunEventOf } from '@holdfast/contracts';
import { valueKey } from './normalise.js';

interface PastEffect {
  readonly tool: string;
  readonly arguments: string;
  readonly keys: ReadonlySet<string>;
}

/** The calls by which a run has changed something, or may have. */
export class PastEffects {
  private readonly byCall = new Map<string, PastEffect>();

  add({ callId, tool, effect, arguments: args }: RunEventOf<'tool-called'>): void {
    if (effect === 'read') return;
    const keys = leavesOf(args, { names: false }).flatMap(({ value }) => valueKey(value) ?? []);
    this.byCall.set(callId, { tool, arguments: canonicalJson(args), keys: new Set(keys) });
  }

  /** A call that certainly changed nothing may be made again. */
  settle({ callId, outcome }: RunEventOf<'tool-returned'>): void {
    if (outcome.status === 'failed' && !hasActed(outcome)) this.byCall.delete(callId);
  }

  /** True when the tool has acted upon all of these values before, by another call than this very one. */
  include(tool: string, args: Readonly<Record<string, unknown>>, values: readonly unknown[]): boolean {
    const keys = values.flatMap((value) => valueKey(value) ?? []);
    const own = canonicalJson(args);
    return [...this.byCall.values()].some((past) => past.tool === tool && past.arguments !== own && keys.every((key) => past.keys.has(key)));
  }
}
