import type { AnswerTo } from '../api/answers.js';

export type Approval = AnswerTo<'/v1/approvals'>['approvals'][number];
export type Doubt = AnswerTo<'/v1/in-doubt'>['operations'][number];
export type Question = AnswerTo<'/v1/questions'>['questions'][number];

interface Common {
  /** Of this very thing: what is asked anew, or with other arguments, has another. */
  readonly id: string;
  readonly runId: string;
  readonly agent: string;
  readonly goal: string;
  /** When somebody was first asked, in milliseconds since the Unix epoch. */
  readonly since: number;
  /** When nobody can answer any more. */
  readonly until: number | undefined;
}

/** Something that waits for a person. */
export type Matter =
  | (Common & { readonly kind: 'approval'; readonly approval: Approval })
  | (Common & { readonly kind: 'doubt'; readonly doubt: Doubt })
  | (Common & { readonly kind: 'question'; readonly question: Question });

export interface Lists {
  readonly approvals: readonly Approval[];
  readonly doubts: readonly Doubt[];
  readonly questions: readonly Question[];
}

/** Everything that waits for a person as one list: what is over first comes first, then what has waited longest. */
export function mattersOf({ approvals, doubts, questions }: Lists): readonly Matter[] {
  const matters: Matter[] = [
    ...approvals.map((approval): Matter => ({ kind: 'approval', id: `${approval.runId}:${approval.approvalId}`, runId: approval.runId, agent: approval.agent, goal: approval.goal, since: approval.requestedAt, until: approval.expiresAt, approval })),
    ...doubts.flatMap((doubt): readonly Matter[] => doubt.calls.slice(0, 1).map(({ runId, agent, goal }): Matter => ({ kind: 'doubt', id: `doubt:${doubt.operation}`, runId, agent, goal, since: doubt.since, until: undefined, doubt }))),
    ...questions.map((question): Matter => ({ kind: 'question', id: `${question.runId}:question:${question.callId}`, runId: question.runId, agent: question.agent, goal: question.goal, since: question.askedAt, until: question.until, question })),
  ];
  return matters.sort((one, other) => byTime(one.until, other.until) || one.since - other.since || one.id.localeCompare(other.id));
}

/** The neighbour of a matter in the list; the first one where it is not in it any more. */
export function neighbour(matters: readonly Matter[], id: string | undefined, step: 1 | -1): Matter | undefined {
  const at = matters.findIndex((matter) => matter.id === id);
  return at < 0 ? matters[0] : matters[Math.min(Math.max(at + step, 0), matters.length - 1)];
}

function byTime(one = Number.MAX_SAFE_INTEGER, other = Number.MAX_SAFE_INTEGER): number {
  return one - other;
}
