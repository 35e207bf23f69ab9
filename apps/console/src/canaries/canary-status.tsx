import type { AnswerTo } from '../api/answers.js';

export type CanarySummary = AnswerTo<'/v1/canaries'>['canaries'][number];
type Status = CanarySummary['status'];

const WORDS: Readonly<Record<Status, string>> = {
  running: 'On trial', paused: 'Paused', promoted: 'Promoted', 'rolled-back': 'Rolled back', inconclusive: 'No verdict', aborted: 'Aborted', superseded: 'Superseded',
};

/** How a canary stands, in a word and a colour. */
export function CanaryStatus({ of }: { readonly of: Status }) {
  return <span class="status" data-canary={of}><span class="dot" aria-hidden="true" />{WORDS[of]}</span>;
}
