import { answerOf, api } from '../api/client.js';
import type { Matter } from './matters.js';

/** What became of a matter that does not wait any more. */
export interface Outcome {
  /** A sentence. */
  readonly text: string;
  readonly comment: string;
}

const WORDS: Readonly<Record<string, string>> = {
  approved: 'approved it', rejected: 'rejected it', edited: 'changed it, and it was judged anew', endorsed: 'vouched for values in it, and it was judged anew',
  happened: 'said that it happened', 'did-not-happen': 'said that it did not happen', retry: 'had it tried again',
};

/** Looks into the run for what became of a matter; undefined while it still waits. */
export async function outcomeOf(matter: Matter, signal: AbortSignal): Promise<Outcome | undefined> {
  const run = await answerOf(api.GET('/v1/runs/{runId}', { params: { path: { runId: matter.runId } }, signal }));
  const callId = matter.kind === 'approval' ? matter.approval.callId : matter.kind === 'question' ? matter.question.callId : matter.doubt.calls[0]?.callId;
  const call = run.stepsTaken.flatMap(({ calls }) => calls).find((one) => one.callId === callId);
  if (matter.kind === 'question') return call?.status === 'waiting' ? undefined : { text: 'It was answered.', comment: '' };
  const asked = matter.kind === 'approval' ? run.approvals.find(({ approvalId }) => approvalId === matter.approval.approvalId) : run.approvals.findLast((approval) => approval.callId === callId && approval.answer !== undefined);
  if (asked?.answer !== undefined) {
    const { answer, by, comment } = asked.answer;
    return { text: answer === 'expired' ? 'Nobody answered in time, so it was refused.' : `${by} ${WORDS[answer] ?? answer}.`, comment };
  }
  if (run.phase === 'ended') return { text: `The run has ended: ${run.status}.`, comment: run.reason ?? '' };
  return matter.kind === 'doubt' && call?.status !== 'in-doubt' ? { text: 'It is not in doubt any more.', comment: '' } : undefined;
}
