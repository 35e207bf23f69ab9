import type { RunEventOf } from '@holdfast/contracts';
import type { LiveState } from '../state/state.js';

const MOST_NAMED = 5;

/** The end of a run. One that another run started also says to whom its end matters and what it cost. */
export function ending(state: LiveState, status: RunEventOf<'run-ended'>['status'], reason: string, answer?: string): RunEventOf<'run-ended'> {
  const { parent, steps, spent, used, read, task: { thread } } = state;
  return {
    type: 'run-ended', status, ...(answer === undefined ? {} : { answer }), reason: `${reason}${undoingIn(state, reason)}`,
    ...(parent === undefined ? {} : { parent, usage: { steps, ...spent, ...(used === undefined ? {} : { tools: used }) } }),
    ...(thread === undefined ? {} : { thread }),
    // Whoever reads the answer later has to know what it is worth.
    ...(read === undefined || (parent === undefined && thread === undefined) ? {} : { read }),
  };
}

/** What an abort undid and what it could not undo, for the end's reason; nothing where there was nothing to undo. */
function undoingIn({ winding, undone: { done, failed } }: LiveState, reason: string): string {
  if (winding?.compensate !== true || done.length + failed.length === 0) return '';
  const named = failed.slice(0, MOST_NAMED).map(({ callId, tool, reason }) => `${callId} by ${tool} (${reason})`).join('; ');
  const more = failed.length > MOST_NAMED ? `; and ${failed.length - MOST_NAMED} more` : '';
  return `${reason.endsWith('.') ? '' : '.'} ${done.length} of ${done.length + failed.length} effects were undone${failed.length === 0 ? '' : `; not undone: ${named}${more}`}`;
}
