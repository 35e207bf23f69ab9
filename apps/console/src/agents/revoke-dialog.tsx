import { useId, useState } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import { Confirm } from '../elements/confirm.js';
import type { Agent, Version } from './agents-page.js';

/** Revoking is for good, so it is said what it means before it is done. */
export function RevokeDialog({ agent, version, onClose }: { readonly agent: Agent; readonly version: Version; readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const field = useId();
  const revoke = () => answerOf(api.POST('/v1/agents/{name}/versions/{digest}/revoke', { params: { path: { name: agent.name, digest: version.digest } }, body: { reason, dryRun: false } }));
  return (
    <Confirm title={`Revoke ${agent.name} ${version.digest.slice(0, 12)}?`} label="Revoke for good" variant="danger" onConfirm={revoke} onClose={onClose}>
      <p>No run begins with it any more, and whatever its runs ask for is denied. {version.running === 0 ? 'None of yours runs on it.' : version.running === 1 ? 'One of your runs is on it.' : `${version.running} of your runs are on it.`} Calls that are out are not called back, and nobody can take this back.</p>
      <div>
        <label for={field}>Reason <span class="quiet">its runs are told</span></label>
        <input id={field} type="text" required maxLength={1_000} autocomplete="off" value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </div>
    </Confirm>
  );
}
