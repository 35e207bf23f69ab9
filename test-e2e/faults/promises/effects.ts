import type { RunEventOf } from '@holdfast/contracts';
import { TOOL_OF } from '../application/scripts.ts';
import type { Kind, OperationCount } from '../world/effects.ts';
import type { Evidence } from './evidence.ts';

const KIND_OF: Readonly<Record<string, Kind>> = {
  [TOOL_OF.idempotent]: 'records', [TOOL_OF.keyed]: 'payments', [TOOL_OF.reconcilable]: 'mails', [TOOL_OF['at-most-once']]: 'sirens',
};

interface Believed {
  /** The tool itself said so at least once, over all runs that asked for the operation. */
  succeeded: boolean;
  /** Somebody may have acted and nobody knows: in doubt, or sent and not answered. */
  uncertain: boolean;
}

/** Compares what the log says of each operation with what the world counted. */
export function findWrongEffects({ runs, world }: Pick<Evidence, 'runs' | 'world'>): readonly string[] {
  const believed = believedOf(runs);
  const counted = new Map(world.map((count) => [`${count.kind}/${count.operation}`, count]));
  const wrong = [...believed].flatMap(([name, { succeeded, uncertain }]) => {
    const effects = counted.get(name)?.effects ?? 0;
    if (effects > 1) return [`${name} happened ${effects} times`];
    if (succeeded && effects !== 1) return [`${name} succeeded by the log, and the world knows nothing of it`];
    if (!succeeded && !uncertain && effects !== 0) return [`${name} happened, and the log says that it did not`];
    return [];
  });
  const unknown = [...counted].filter(([name, { effects }]) => effects > 0 && !believed.has(name)).map(([name]) => `${name} happened, and the log knows nothing of it`);
  return [...wrong, ...unknown];
}

function believedOf(runs: Evidence['runs']): ReadonlyMap<string, Believed> {
  const believed = new Map<string, Believed>();
  for (const history of runs.values()) {
    const events = history.flatMap(({ commit }) => commit.events);
    for (const called of events.filter((event): event is RunEventOf<'tool-called'> => event.type === 'tool-called')) {
      const kind = KIND_OF[called.tool];
      if (kind === undefined) continue;
      const name = `${kind}/${String(called.arguments['operation'])}`;
      // What a person says later about an operation in doubt is no evidence; the tool's first word is.
      const returned = events.find((event): event is RunEventOf<'tool-returned'> => event.type === 'tool-returned' && event.callId === called.callId);
      const before = believed.get(name) ?? { succeeded: false, uncertain: false };
      const status = returned?.outcome.status ?? 'unanswered';
      believed.set(name, { succeeded: before.succeeded || status === 'succeeded', uncertain: before.uncertain || status === 'in-doubt' || status === 'unanswered' });
    }
  }
  return believed;
}

/** Effects that the world counted, and those that were one too many. */
export function totalEffects(world: readonly OperationCount[]): { readonly effects: number; readonly duplicates: number } {
  return {
    effects: world.reduce((sum, { effects }) => sum + effects, 0),
    duplicates: world.reduce((sum, { effects }) => sum + Math.max(0, effects - 1), 0),
  };
}
