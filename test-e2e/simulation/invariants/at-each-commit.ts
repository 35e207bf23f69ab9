import { ZERO_HASH, type Commit, type RecordedCommit, type RunEvent, type RunEventOf, type RunEventType } from '@holdfast/contracts';
import type { Violation } from './violation.ts';

/** How often one tool may be tried for one call: each attempt, and for those that can be asked, a question before and after. */
const ATTEMPTS = 9;

/** What must hold of a commit at the moment when it is stored behind a run's history. */
export function judgeCommit(history: readonly RecordedCommit[], commit: Commit): readonly Violation[] {
  const violations: Violation[] = [];
  const accuse = (invariant: string, description: string): void => void violations.push({ invariant, description: `${commit.runId}, commit ${commit.number}: ${description}` });
  const previous = history.at(-1)?.commit;
  if (commit.number !== (previous?.number ?? 0) + 1) accuse('each place in a run has one winner', `it follows commit ${previous?.number ?? 0}`);
  else if (commit.previousHash !== (previous?.hash ?? ZERO_HASH)) accuse('each place in a run has one winner', 'it does not name the commit before it');
  const before = history.flatMap((recorded) => recorded.commit.events);
  for (const [at, event] of commit.events.entries()) judgeEvent(event, [...before, ...commit.events.slice(0, at)], accuse);
  return violations;
}

function judgeEvent(event: RunEvent, before: readonly RunEvent[], accuse: (invariant: string, description: string) => void): void {
  switch (event.type) {
    case 'tool-called': {
      const countOf = (type: 'tool-called' | 'call-released'): number => eventsOf(before, type).filter((earlier) => earlier.callId === event.callId).length;
      if (countOf('tool-called') > countOf('call-released')) accuse('a call is sent once', `call ${event.callId} was sent before`);
      if (eventsOf(before, 'policy-checked').findLast(({ verdict }) => verdict.callId === event.callId)?.verdict.outcome !== 'allow') accuse('no call without an allowing verdict', `call ${event.callId} was never allowed`);
      const accepted = eventsOf(before, 'task-accepted')[0];
      const decisions = eventsOf(before, 'decision-made').length;
      if (accepted !== undefined && decisions > accepted.budgets.maxSteps) accuse('attempts stay within the budget', `call ${event.callId} belongs to decision ${decisions} of ${accepted.budgets.maxSteps}`);
      break;
    }
    case 'tool-returned': {
      if (eventsOf(before, 'tool-returned').some((earlier) => earlier.callId === event.callId && earlier.outcome.status !== 'in-doubt')) accuse('each fact is folded once', `call ${event.callId} had returned before`);
      if (event.outcome.attempts.length > ATTEMPTS) accuse('attempts stay within the budget', `call ${event.callId} was tried ${event.outcome.attempts.length} times`);
      break;
    }
    case 'doubt-resolved':
      if (eventsOf(before, 'doubt-resolved').some((earlier) => earlier.approvalId === event.approvalId)) accuse('each fact is folded once', `the doubt ${event.approvalId} was resolved before`);
      break;
    case 'signal-received':
      if (eventsOf(before, 'signal-received').some((earlier) => JSON.stringify(earlier.payload) === JSON.stringify(event.payload))) accuse('each fact is folded once', `the signal ${JSON.stringify(event.payload)} was received before`);
      break;
    case 'approval-answered':
      if (eventsOf(before, 'approval-answered').some((earlier) => earlier.approvalId === event.approvalId)) accuse('each fact is folded once', `approval ${event.approvalId} was answered before`);
      break;
    case 'decision-made':
      if (eventsOf(before, 'decision-made').some((earlier) => earlier.proposal.basis === event.proposal.basis)) accuse('each fact is folded once', `commit ${event.proposal.basis} was answered by a proposal before`);
      break;
    default:
      break;
  }
}

export function eventsOf<T extends RunEventType>(events: readonly RunEvent[], type: T): readonly RunEventOf<T>[] {
  return events.filter((event): event is RunEventOf<T> => event.type === type);
}
