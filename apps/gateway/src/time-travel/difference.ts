import { isDeepStrictEqual } from 'node:util';
import { Pointer, createPatch } from 'rfc6902';
import type { VoidableDiff } from 'rfc6902/diff.js';
import { z } from 'zod';
import { runId, type RecordedCommit } from '@holdfast/contracts';
import type { PublicView } from '../runs/public-event.js';
import { tellState, type RunStateView } from './run-state.js';

const change = z.object({
  op: z.enum(['add', 'remove', 'replace']),
  path: z.string().describe('A JSON pointer (RFC 6901) into the state.'),
  value: z.unknown().optional().describe('What stands there afterwards.'),
  was: z.unknown().optional().describe('What stood there before. JSON Patch ignores it.'),
});

/** What changed in a run from one commit to another. */
export const runDifference = z.object({
  runId,
  from: z.int(),
  to: z.int().describe('May be before `from`; the changes then go back.'),
  happened: z.array(z.object({ id: z.string(), type: z.string(), callId: z.string().optional() })).describe('The events between the two, by their ids, in order.'),
  changes: z.array(change).describe('What makes the state at `from` that at `to`, but for `commit`, `hash` and `at`, as a JSON Patch (RFC 6902) that replaces lists as a whole.'),
});
export type RunDifference = z.infer<typeof runDifference>;

/** `history` is the run's whole one up to now, and holds both commits. */
export function differenceOf(history: readonly RecordedCommit[], from: number, to: number, view: PublicView): RunDifference {
  const before = tellState(history, from, view);
  const after = tellState(history, to, view);
  const between = history.filter(({ commit: { number } }) => number > Math.min(from, to) && number <= Math.max(from, to));
  const happened = between.flatMap(({ commit }) => view.events(commit)).map(({ id, event }) => ({ id, type: event.type, ...(typeof event['callId'] === 'string' ? { callId: event['callId'] } : {}) }));
  return { runId: before.runId, from, to, happened, changes: changesBetween(before, after) };
}

function changesBetween(before: RunStateView, after: RunStateView): RunDifference['changes'] {
  return createPatch(lasting(before), lasting(after), wholeLists).flatMap((operation) => {
    if (operation.op !== 'add' && operation.op !== 'remove' && operation.op !== 'replace') return [];
    const was: unknown = operation.op === 'add' ? undefined : Pointer.fromJSON(operation.path).get(before);
    return [{ op: operation.op, path: operation.path, ...('value' in operation ? { value: operation.value as unknown } : {}), ...(was === undefined ? {} : { was }) }];
  });
}

/** A list is replaced as a whole: places in it mean nothing from one state to the other, and finding the least change of it takes the square of its length. */
const wholeLists: VoidableDiff = (before: unknown, after: unknown, at) => {
  if (!Array.isArray(before) || !Array.isArray(after)) return undefined;
  return isDeepStrictEqual(before, after) ? [] : [{ op: 'replace', path: at.toString(), value: after }];
};

/** Which commit it is, and when, is no change. */
function lasting({ commit: _commit, hash: _hash, at: _at, ...rest }: RunStateView): Omit<RunStateView, 'commit' | 'hash' | 'at'> {
  return rest;
}
