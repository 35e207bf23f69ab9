import { useId, useState } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import { Confirm } from '../elements/confirm.js';

export type Word = 'pause' | 'resume' | 'promote' | 'abort';

const WORDS: Readonly<Record<Word, { readonly title: string; readonly what: string; readonly done: string; readonly isGrave: boolean }>> = {
  pause: { title: 'Pause this canary?', what: 'The candidate gets no new tasks until it is resumed. What runs goes on and counts, so it can still be rolled back.', done: 'Pause', isGrave: false },
  resume: { title: 'Resume this canary?', what: 'The candidate gets its share of new tasks again.', done: 'Resume', isGrave: false },
  promote: { title: 'Promote the candidate?', what: 'It gets all new tasks, whatever the evidence says, and the trial ends.', done: 'Promote it', isGrave: true },
  abort: { title: 'Abort this canary?', what: 'The trial ends, and the route is what it was before. Runs that the candidate has begun end on their version.', done: 'Abort it', isGrave: true },
};

/** Asks once more, with a comment that is kept. A word that was taken already, such as before an answer was lost, is refused or changes nothing. */
export function WordDialog({ id, word, onClose }: { readonly id: string; readonly word: Word; readonly onClose: () => void }) {
  const [comment, setComment] = useState('');
  const field = useId();
  const { title, what, done, isGrave } = WORDS[word];
  const say = () => answerOf(api.POST(`/v1/canaries/{id}/${word}`, { params: { path: { id } }, body: { comment } }));
  return (
    <Confirm title={title} label={done} {...(isGrave ? { variant: 'danger' as const } : {})} onConfirm={say} onClose={onClose}>
      <p>{what}</p>
      <div>
        <label for={field}>Comment</label>
        <input id={field} type="text" maxLength={4_000} autocomplete="off" value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
      </div>
    </Confirm>
  );
}
