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
  /** Calls of a tool, and those of them that have a key. */
  private readonly having = new Map<string, Set<PastEffect>>();

  add({ callId, tool, effect, arguments: args }: Pick<RunEventOf<'tool-called'>, 'callId' | 'tool' | 'effect' | 'arguments'>): void {
    if (effect === 'read') return;
    this.forget(callId);
    const keys = leavesOf(args, { names: false }).flatMap(({ value }) => valueKey(value) ?? []);
    const past = { tool, arguments: canonicalJson(args), keys: new Set(keys) };
    this.byCall.set(callId, past);
    for (const name of namesOf(past)) {
      const known = this.having.get(name);
      if (known === undefined) this.having.set(name, new Set([past]));
      else known.add(past);
    }
  }

  /** A call that certainly changed nothing may be made again. */
  settle({ callId, outcome }: RunEventOf<'tool-returned'>): void {
    if (outcome.status === 'failed' && !hasActed(outcome)) this.forget(callId);
  }

  /** True when the tool has acted upon all of these values before, by another call than this very one. */
  include(tool: string, args: Readonly<Record<string, unknown>>, values: readonly unknown[]): boolean {
    const keys = values.flatMap((value) => valueKey(value) ?? []);
    const own = canonicalJson(args);
    // The rarest value leaves the fewest calls to look at.
    const [fewest] = [...namesOf({ tool, keys })].map((name) => this.having.get(name) ?? new Set<PastEffect>()).sort((a, b) => a.size - b.size);
    return [...(fewest ?? [])].some((past) => past.arguments !== own && keys.every((key) => past.keys.has(key)));
  }

  private forget(callId: string): void {
    const past = this.byCall.get(callId);
    if (past === undefined) return;
    this.byCall.delete(callId);
    for (const name of namesOf(past)) this.having.get(name)?.delete(past);
  }
}

function namesOf({ tool, keys }: { readonly tool: string; readonly keys: Iterable<string> }): readonly string[] {
  return [JSON.stringify([tool]), ...[...keys].map((key) => JSON.stringify([tool, key]))];
}
