import type { AnswerTo } from '../api/answers.js';

type Status = AnswerTo<'/v1/tools'>['tools'][number]['status'];

const WORDS: Readonly<Record<Status, string>> = { healthy: 'Healthy', changed: 'Changed, goes on', quarantined: 'Quarantined' };

/** How a tool stands, in a word and a colour. */
export function Standing({ of }: { readonly of: Status }) {
  return <span class="standing" data-standing={of}><span class="dot" aria-hidden="true" />{WORDS[of]}</span>;
}
