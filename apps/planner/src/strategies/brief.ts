import type { ModelMessage } from 'ai';
import { createHash } from 'node:crypto';
import { UNREADABLE_CALL, canonicalJson, declarations, isAuthenticated, publisherOf, type RecordedCommit, type RunEvent, type ThreadTurn } from '@holdfast/contracts';
import { noticeText } from '../context/notices.js';
import { taskMessage, threadMessage } from '../context/shown.js';
import { isOutsiders, withheld, withoutOutsiders } from './withheld.js';

/**
 * What a model is shown that is to make its first plan: the task without what others wrote, and what was wrong with plans that it made
 * before. A plan that is made from this cannot be what an outsider wished, since nobody from outside has had a word yet.
 */
export class Brief {
  readonly messages: ModelMessage[] = [];

  add({ commit }: RecordedCommit): void {
    for (const event of commit.events) {
      const message = messageOf(event);
      if (message !== undefined) this.messages.push(message);
    }
  }

  /** SHA-256 over the canonical form (RFC 8785) of the messages. */
  get digest(): string {
    return createHash('sha256').update(canonicalJson(this.messages)).digest('hex');
  }
}

function messageOf(event: RunEvent): ModelMessage | undefined {
  switch (event.type) {
    case 'task-accepted':
    case 'run-forked':
      return event.strategy === undefined ? undefined : taskMessage({ task: { ...event.task, input: withoutOutsiders(event.task.input, declarations(event.labels)) }, labels: event.labels });
    case 'thread-read':
      return threadMessage({ ...event, turns: event.turns.map(withoutOutsidersTurn) });
    case 'decision-made':
      return event.proposal.plan === undefined ? undefined : { role: 'assistant', content: event.proposal.plan };
    case 'call-refused':
      return { role: 'user', content: JSON.stringify({ note: event.tool === UNREADABLE_CALL ? 'Your last answer could not be read.' : `Your call of ${event.tool} was refused. ${event.reasons.join(' ')}` }) };
    case 'notice-given':
      return { role: 'user', content: JSON.stringify({ note: noticeText(event) }) };
    default:
      return undefined;
  }
}

/** What a model answered that had read no outsider's text is labelled as the model's, and what one did that had, as an outsider's. */
function withoutOutsidersTurn({ requester, goal, answer, ...turn }: ThreadTurn): ThreadTurn {
  const shown = ({ text, label }: ThreadTurn['goal']): ThreadTurn['goal'] => ({ text: isOutsiders(label) && label.trust !== 'model' ? withheld(label, text.length) : text, label });
  // Where nobody was authenticated, somebody wrote the name.
  return { ...turn, requester: isAuthenticated(requester) ? requester : publisherOf(''), goal: shown(goal), ...(answer === undefined ? {} : { answer: shown(answer) }) };
}
