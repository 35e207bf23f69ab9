import type { AnswerTo } from '../api/answers.js';
import { duration } from '../elements/durations.js';
import { now } from '../elements/time.js';

export type Breaker = AnswerTo<'/v1/breakers'>['breakers'][number];

/** Whether calls of a tool go through, and if not, for how long it is left alone. What nobody has moved lately lets calls through. */
export function BreakerState({ of }: { readonly of: Breaker | undefined }) {
  const state = of?.state ?? 'closed';
  return <span class="breaker" data-breaker={state}><span class="dot" aria-hidden="true" />{wordsOf(of, now.value)}</span>;
}

function wordsOf(of: Breaker | undefined, at: number): string {
  if (of === undefined || of.state === 'closed') return 'Calls go through';
  if (of.state === 'probing') return 'One call tries it';
  const leftMs = (of.until ?? at) - at;
  return of.state === 'due' || leftMs <= 0 ? 'The next call tries it' : `Left alone for ${duration(leftMs)}`;
}
