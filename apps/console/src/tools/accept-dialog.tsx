import { useId, useState } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import { Confirm } from '../elements/confirm.js';
import type { ToolDetail } from './tool-page.js';

/** Accepts the candidate that was shown, and no other that came meanwhile. */
export function AcceptDialog({ detail: { name, candidate, differences, parked }, onClose }: { readonly detail: ToolDetail; readonly onClose: () => void }) {
  const [comment, setComment] = useState('');
  const field = useId();
  const digest = candidate?.digest ?? '';
  const breaking = differences.filter((difference) => difference.breaking).length;
  return (
    <Confirm title={`Accept ${name} as it is offered?`} label="Accept it" onConfirm={() => answerOf(api.POST('/v1/tools/{name}/accept', { params: { path: { name } }, body: { digest, comment } }))} onClose={onClose}>
      <p>
        {breaking === 0 ? 'Nothing in it breaks a call.' : breaking === 1 ? 'One difference breaks calls.' : `${breaking} differences break calls.`} It counts for every tenant from now on.
        {parked.length === 0 ? '' : parked.length === 1 ? ' The call that waits is judged anew and goes on.' : ` The ${parked.length} calls that wait are judged anew and go on.`}
      </p>
      <div>
        <label for={field}>Comment <span class="quiet">why it may count</span></label>
        <input id={field} type="text" maxLength={4_000} autocomplete="off" value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
      </div>
      <p class="quiet">Candidate <code>{digest.slice(0, 12)}</code></p>
    </Confirm>
  );
}
