import { useId, useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.js';
import { problemFrom, type Problem } from '../../api/problem.js';
import { Dialog } from '../../elements/dialog.js';
import { ProblemNote } from '../../elements/problem-note.js';

export type Order = 'cancel' | 'abort' | 'pause' | 'resume' | 'signal';

const WORDS: Readonly<Record<Order, { readonly title: string; readonly what: string; readonly done: string; readonly isGrave: boolean }>> = {
  pause: { title: 'Pause this run?', what: 'Nothing more is sent until it is resumed. Calls that are out are still taken account of.', done: 'Pause', isGrave: false },
  resume: { title: 'Resume this run?', what: 'It goes on where it was.', done: 'Resume', isGrave: false },
  cancel: { title: 'Cancel this run?', what: 'It ends for good, and what it has done stays done. Calls that are out are taken account of first.', done: 'Cancel the run', isGrave: true },
  abort: { title: 'Abort this run and undo what it did?', what: 'It ends for good, and then its completed effects are undone, the last first, each by a call of its own. What cannot be undone is told.', done: 'Abort and undo', isGrave: true },
  signal: { title: 'Send a signal', what: 'The model is told of it, and a call that waits for it goes on.', done: 'Send', isGrave: false },
};

/** Asks once more, with a reason that the log keeps. However often it is sent, the order counts once. */
export function SteeringDialog({ runId, order, onClose }: { readonly runId: string; readonly order: Order; readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [name, setName] = useState('');
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>();
  const [key] = useState(() => crypto.randomUUID());
  const [nameField, reasonField] = [useId(), useId()];
  const { title, what, done, isGrave } = WORDS[order];
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setSending(true);
    setProblem(undefined);
    try {
      await give(runId, order, { name, text: reason, key });
      onClose();
    } catch (error) {
      setProblem(problemFrom(error));
      setSending(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        <div class="fields">
          <p>{what}</p>
          {problem === undefined ? null : <ProblemNote problem={problem} isSentByHand />}
          {order !== 'signal' ? null : <div data-field><label for={nameField}>Name</label><input id={nameField} required maxLength={128} value={name} onInput={(event) => setName(event.currentTarget.value)} /></div>}
          {order === 'resume' ? null : <div data-field><label for={reasonField}>{order === 'signal' ? 'Payload, as JSON or text' : 'Reason'}</label><textarea id={reasonField} rows={3} maxLength={4_000} value={reason} onInput={(event) => setReason(event.currentTarget.value)} /></div>}
        </div>
        <footer>
          <button type="button" class="outline" onClick={onClose}>Not now</button>
          <button type="submit" data-variant={isGrave ? 'danger' : undefined} disabled={isSending} aria-busy={isSending}>{done}</button>
        </footer>
      </form>
    </Dialog>
  );
}

async function give(runId: string, order: Order, { name, text, key }: { readonly name: string; readonly text: string; readonly key: string }): Promise<void> {
  const headers = { 'Idempotency-Key': key };
  if (order === 'signal') {
    await answerOf(api.POST('/v1/runs/{runId}/signals/{name}', { params: { path: { runId, name }, header: headers }, body: payloadOf(text) as never }));
    return;
  }
  const options = { params: { path: { runId }, header: headers }, body: { reason: text } };
  if (order === 'cancel') await answerOf(api.POST('/v1/runs/{runId}/cancel', options));
  else if (order === 'abort') await answerOf(api.POST('/v1/runs/{runId}/abort', options));
  else if (order === 'pause') await answerOf(api.POST('/v1/runs/{runId}/pause', options));
  else await answerOf(api.POST('/v1/runs/{runId}/resume', options));
}

/** JSON where it is some; else the text itself. */
function payloadOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
