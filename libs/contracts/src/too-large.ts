import type { ToolOutcome } from './events.js';
import type { Digest } from './identifiers.js';
import { UNREADABLE_CALL, type Proposal } from './proposal.js';

/** Characters of a content that stand for it where the whole cannot be kept. */
const LONGEST_BEGINNING = 1_000;
const MOST_ATTEMPTS = 16;

/**
 * What is recorded of an outcome that is too large to be sent or kept. Of a success it says that the call was made, and
 * how large its result was, with its digest and its beginning: a failure by name, but one under which nobody repeats the
 * effect. No observation follows from it, so that the beginning is never taken for a labelled value. `digestOf` gives the
 * SHA-256 of a text in UTF-8.
 */
export function outcomeTooLarge(outcome: ToolOutcome, digestOf: (text: string) => Digest): ToolOutcome {
  const attempts = outcome.attempts.slice(-MOST_ATTEMPTS);
  if (outcome.status !== 'succeeded') return { ...outcome, attempts };
  const text = JSON.stringify(outcome.result) ?? 'null';
  const bytes = new TextEncoder().encode(text).byteLength;
  return {
    status: 'failed', attempts,
    failure: {
      code: 'tool.result-too-large', retryable: false,
      message: `The call was made and has had its effect, but its result of ${bytes} bytes (SHA-256 ${digestOf(text)}) is too large to be kept. It begins: ${text.slice(0, LONGEST_BEGINNING)}`,
      remedy: 'Do not repeat the call; look its result up where it acted, and let the tool return less, or a reference to the whole.',
    },
  };
}

/**
 * What is recorded of a proposal that is too large to be sent or kept: its calls under a name that no catalogue has, so
 * that policy refuses each with certainty, and the model is shown why and can ask for less. An answer is cut, and says so.
 */
export function proposalTooLarge(proposal: Proposal, problem: string): Proposal {
  const cut = (text: string): string => (text.length <= LONGEST_BEGINNING ? text : `${text.slice(0, LONGEST_BEGINNING)}… (cut: ${problem})`);
  return {
    ...proposal, text: cut(proposal.text), ...(proposal.answer === undefined ? {} : { answer: cut(proposal.answer) }), ...(proposal.plan === undefined ? {} : { plan: cut(proposal.plan) }),
    requests: proposal.requests.map(({ requestId, tool }) => ({ requestId, tool: UNREADABLE_CALL, arguments: { tool, problem } })),
  };
}
