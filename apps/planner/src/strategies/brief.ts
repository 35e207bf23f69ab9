import type { ModelMessage } from 'ai';
import { createHash } from 'node:crypto';
import { UNREADABLE_CALL, canonicalJson, declarations, type RecordedCommit, type RunEvent, type RunEventOf, type ThreadTurn } from '@holdfast/contracts';
import { noticeText } from '../context/notices.js';
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
      return event.strategy === undefined ? undefined : { role: 'user', content: JSON.stringify({ goal: event.task.goal, ...withoutOutsiders(event.task.input, declarations(event.labels)) }, null, 1) };
    case 'thread-read':
      return threadMessage(event);
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

function threadMessage({ turns, omitted }: RunEventOf<'thread-read'>): ModelMessage {
  const earlier = turns.map(({ goal, status, answer }) => ({ asked: shown(goal), status, ...(answer === undefined ? {} : { answered: shown(answer) }) }));
  return { role: 'user', content: JSON.stringify({ note: 'The task goes on with a conversation. This was asked and answered in it before, oldest first.', ...(omitted === 0 ? {} : { earlierTurnsLeftOut: omitted }), turns: earlier }, null, 1) };
}

/** What a model answered that had read no outsider's text is labelled as the model's, and what one did that had, as an outsider's. */
function shown({ text, label }: ThreadTurn['goal']): string {
  return isOutsiders(label) && label.trust !== 'model' ? withheld(label, text.length) : text;
}
