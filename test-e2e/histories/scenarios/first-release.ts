import type { Scenario } from '../history.ts';
import { approval, control, crashAfter, dispatch, down, found, judged, lost, paid, plan, returned, signal, task, timer } from './facts.ts';

/** Runs that between them have every event that release 0.1.0 could write, and every answer that it could give. */
export const firstRelease: readonly Scenario[] = [
  { name: 'answered-at-once', says: 'The planner needs no tool.', steps: [task(), task(), plan(1, 2)] },
  {
    name: 'looked-up-and-paid', says: 'One call after another, then the answer; everything comes twice.',
    steps: [task(), plan(1, 2, ['find_order', 'allow']), plan(1, 2, ['find_order', 'allow']), returned('c1-1', 4, found), returned('c1-1', 4, found), plan(3, 6, ['pay_invoice', 'allow']), plan(1, 7, ['pay_invoice', 'allow']), returned('c3-1', 8, paid), plan(5, 9)],
  },
  { name: 'several-calls-at-once', says: 'Two calls of one decision come back in the other order.', steps: [task(), plan(1, 2, ['find_order', 'allow'], ['pay_invoice', 'allow']), returned('c1-2', 4, paid), returned('c1-1', 5, found), plan(5, 6)] },
  { name: 'approved', says: 'A person approves a payment, which is judged again and sent.', steps: [task(), plan(1, 2, ['pay_invoice', 'ask']), approval('a-c1-1', 60, 'approved', 'as agreed'), dispatch(3, 61, judged('c1-1', 'pay_invoice', 'allow')), returned('c1-1', 63, paid), timer('a-c1-1', 602), plan(6, 610)] },
  { name: 'approved-and-yet-denied', says: 'Between the question and the answer the policy changed.', steps: [task(), plan(1, 2, ['pay_invoice', 'ask']), approval('a-c1-1', 60, 'approved'), dispatch(3, 61, judged('c1-1', 'pay_invoice', 'deny')), plan(4, 63)] },
  { name: 'rejected', says: 'A person rejects a payment and says why.', steps: [task(), plan(1, 2, ['pay_invoice', 'ask']), approval('a-c1-1', 60, 'rejected', 'wrong account'), approval('a-c1-1', 61, 'approved'), plan(3, 62)] },
  { name: 'nobody-answered', says: 'An approval expires.', steps: [task(), plan(1, 2, ['pay_invoice', 'ask']), timer('a-c1-1', 602), timer('a-c1-1', 602), plan(3, 603)] },
  { name: 'denied-and-failed', says: 'Policy denies one call; the next is sent and fails.', steps: [task(), plan(1, 2, ['pay_invoice', 'deny']), plan(2, 3, ['find_order', 'allow']), returned('c2-1', 4, down), plan(4, 5)] },
  { name: 'unknown-tool', says: 'The model asks for a tool that no contract declares.', steps: [task(), plan(1, 2, ['transfer_all', 'allow']), plan(2, 3)] },
  { name: 'in-doubt-and-it-happened', says: 'The answer of the bank is lost; a person finds that it paid.', steps: [task(), plan(1, 2, ['pay_invoice', 'allow']), returned('c1-1', 4, lost), approval('doubt-c1-1', 90, 'approved', 'seen on the account'), plan(4, 91)] },
  { name: 'in-doubt-and-it-did-not', says: 'The answer of the bank is lost; a person finds that it did not pay.', steps: [task(), plan(1, 2, ['pay_invoice', 'allow']), returned('c1-1', 4, lost), approval('doubt-c1-1', 90, 'rejected'), plan(4, 91)] },
  { name: 'cancelled-at-once', says: 'A run that waits for its planner is cancelled.', steps: [task(), control('cancel', 3, 'paid by hand'), control('cancel', 4)] },
  { name: 'cancelled-while-a-call-is-out', says: 'The call is accounted for, the one that waits for a person is refused, and the run ends.', steps: [task(), plan(1, 2, ['find_order', 'allow'], ['pay_invoice', 'ask']), control('cancel', 3), control('cancel', 4), approval('a-c1-2', 5, 'approved'), returned('c1-1', 6, found), returned('c1-1', 7, found)] },
  { name: 'overdue', says: 'The deadline passes while a call is out.', steps: [task(), plan(1, 2, ['pay_invoice', 'allow']), timer('deadline', 3_600), timer('deadline', 3_600), returned('c1-1', 3_700, paid)] },
  { name: 'paused-while-planning', says: 'The calls of a paused run are judged and held back until it is resumed.', steps: [task(), control('pause', 1, 'look first'), control('pause', 2), plan(1, 3, ['pay_invoice', 'allow']), control('resume', 60), control('resume', 61), dispatch(4, 61, judged('c1-1', 'pay_invoice', 'allow')), returned('c1-1', 63, paid), plan(6, 64)] },
  { name: 'paused-while-acting', says: 'The outcome is recorded, and nobody plans until the run is resumed.', steps: [task(), plan(1, 2, ['find_order', 'allow']), control('pause', 3), returned('c1-1', 4, found), control('resume', 60), plan(5, 61)] },
  { name: 'crashed-between-two-commits', says: 'The process dies when one of two calls is sent; another sends the second, once.', steps: [task(), crashAfter(1, plan(1, 2, ['find_order', 'allow'], ['pay_invoice', 'allow'])), dispatch(2, 5, judged('c1-2', 'pay_invoice', 'allow')), dispatch(2, 6, judged('c1-2', 'pay_invoice', 'allow')), returned('c1-1', 7, found), returned('c1-2', 8, paid), plan(5, 9)] },
  { name: 'told-something', says: 'Signals reach a run while it plans and while it acts.', steps: [task(), signal('hurry', 1, { until: 'noon' }), signal('hurry', 1), plan(1, 2, ['find_order', 'allow']), signal('note', 3), returned('c1-1', 4, found), plan(5, 6)] },
  { name: 'out-of-steps', says: 'A fourth proposal is beyond the budget.', steps: [task(), plan(1, 2, ['find_order', 'deny']), plan(2, 3, ['find_order', 'deny']), plan(3, 4, ['find_order', 'deny']), plan(4, 5, ['pay_invoice', 'allow'])] },
  { name: 'contradicted', says: 'Facts that cannot be true are refused and change nothing.', steps: [signal('early', 0), control('cancel', 0), task(), task('Pay invoice 8.'), approval('a-c9-9', 2, 'approved'), returned('c9-9', 3, paid), timer('unknown', 4), plan(1, 5), plan(1, 6), signal('late', 7), control('pause', 8)] },
];
