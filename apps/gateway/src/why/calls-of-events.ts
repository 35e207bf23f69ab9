import { shownPassage, type Commit, type RunEvent, type RunEventOf } from '@holdfast/contracts';
import { callIdOf } from '@holdfast/run';
import { z } from 'zod';
import type { WhyDecision } from './why.schema.js';

const searched = z.object({ passages: z.array(shownPassage) });

/** Whether a tool gave back passages of memory. */
export function hasPassages(content: unknown): boolean {
  return searched.safeParse(content).success;
}

/** The passages that a search in memory showed; what any other tool gave back is told by its own action. */
export function passagesIn(content: unknown): Pick<WhyDecision['shown']['observations'][number], 'passages'> {
  const found = searched.safeParse(content);
  return found.success ? { passages: found.data.passages } : {};
}

/** What a decision's model asked for under a call's id. */
export function requestOf({ proposal }: RunEventOf<'decision-made'>, callId: string): { readonly tool: string; readonly arguments: Record<string, unknown> } | undefined {
  return proposal.requests.find((_request, index) => callIdOf(proposal.basis, index) === callId);
}

/** The call that an event is about. */
export function callIdOfEvent(event: RunEvent): string | undefined {
  if (event.type === 'policy-checked') return event.verdict.callId;
  return 'callId' in event ? event.callId : undefined;
}

/** The calls that a commit is about: those it names, or all that its decision asks for. */
export function callIdsOf(commit: Commit): readonly string[] {
  const named = commit.events.flatMap((event) => {
    if (event.type === 'decision-made') return event.proposal.requests.map((_request, index) => callIdOf(event.proposal.basis, index));
    return callIdOfEvent(event) ?? [];
  });
  return [...new Set(named)];
}
