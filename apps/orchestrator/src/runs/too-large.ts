import { hash } from 'node:crypto';
import { HoldfastError, outcomeTooLarge, proposalTooLarge, type Fact } from '@holdfast/contracts';

/** True for a commit that the log cannot hold, however often it is tried. */
export function isTooLarge(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && error.code === 'log.commit-too-large';
}

/**
 * The fact that is folded in the place of one whose commit the log cannot hold. What a service owes its run, which waits
 * for it, is recorded without its content: the run goes on, and the model is told. Undefined for all others: they are
 * refused, and whoever sent them can send less.
 */
export function withoutContent(fact: Fact, { message, remedy }: HoldfastError): Fact | undefined {
  switch (fact.kind) {
    case 'tool': return { ...fact, outcome: outcomeTooLarge(fact.outcome, (text) => hash('sha256', text)) };
    case 'plan': return { ...fact, proposal: proposalTooLarge(fact.proposal, `${message} ${remedy}`) };
    case 'child': {
      const { answer: _answer, ...rest } = fact;
      return { ...rest, status: 'failed', reason: `It ended as ${fact.status}, but what it answered is too large to be kept. ${message}` };
    }
    default: return undefined;
  }
}
