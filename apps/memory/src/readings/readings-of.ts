import { shownPassage, type Commit } from '@holdfast/contracts';
import { z } from 'zod';

/** A passage that a run was shown. */
export interface ReadingRow {
  readonly kind: 'reading';
  readonly tenant: string;
  readonly runId: string;
  readonly callId: string;
  readonly passageId: string;
  readonly commit: number;
  readonly digest: string;
  readonly source: string;
  readonly at: Date;
}

/** See `DescentEntity`. */
export interface DescentRow {
  readonly kind: 'descent';
  readonly tenant: string;
  readonly runId: string;
  readonly commit: number;
  readonly fromRunId: string;
  readonly fromCommit: number | null;
}

const searched = z.object({ passages: z.array(z.unknown()) });

/** What a commit tells of who read what: passages in observations, and runs that take over what others had read. */
export function readingsOf({ tenant, runId, number: commit, at, events }: Commit): readonly (ReadingRow | DescentRow)[] {
  const descent = (fromRunId: string, fromCommit: number | null): DescentRow => ({ kind: 'descent', tenant, runId, commit, fromRunId, fromCommit });
  return events.flatMap((event): readonly (ReadingRow | DescentRow)[] => {
    switch (event.type) {
      case 'observation-recorded': {
        const found = searched.safeParse(event.content);
        const passages = found.success ? found.data.passages.flatMap((passage) => shownPassage.safeParse(passage).data ?? []) : [];
        return passages.map(({ passageId, digest, source }) => ({ kind: 'reading', tenant, runId, callId: event.callId, passageId, commit, digest, source, at: new Date(at) }));
      }
      case 'task-accepted':
        return event.parent === undefined ? [] : [descent(event.parent.runId, basisOf(event.parent.callId))];
      case 'run-forked':
        return [descent(event.origin.runId, event.origin.number)];
      case 'child-ended':
        return [descent(event.runId, null)];
      default:
        return [];
    }
  });
}

/** A call's name begins with the commit up to which its run had read when it asked for the call; see `callIdOf`. */
function basisOf(callId: string): number | null {
  const basis = /^c(\d+)-\d+$/.exec(callId)?.[1];
  return basis === undefined ? null : Number(basis);
}
