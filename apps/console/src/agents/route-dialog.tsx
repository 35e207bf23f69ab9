import { useId, useState } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import { Confirm } from '../elements/confirm.js';
import type { Agent } from './agents-page.js';

/** Which versions new tasks get, by weight. Another route than the one that was seen here is not replaced. */
export function RouteDialog({ agent, onClose }: { readonly agent: Agent; readonly onClose: () => void }) {
  const usable = agent.versions.filter(({ revoked }) => revoked === undefined);
  const [weights, setWeights] = useState<ReadonlyMap<string, number>>(() => new Map(usable.map(({ digest, percent }) => [digest, Math.round(percent)])));
  const [comment, setComment] = useState('');
  const prefix = useId();
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const route = () => answerOf(api.POST('/v1/agents/{name}/route', {
    params: { path: { name: agent.name } },
    body: { shares: [...weights].filter(([, weight]) => weight > 0).map(([digest, weight]) => ({ digest, weight })), comment, seen: agent.route?.sequence ?? 0, dryRun: false },
  }));
  return (
    <Confirm title={`Which versions of ${agent.name} do new tasks get?`} label={total === 0 ? 'Hand back to what is deployed' : 'Set this route'} onConfirm={route} onClose={onClose}>
      {usable.map(({ digest }) => (
        <div key={digest}>
          <label for={`${prefix}-${digest}`}><code>{digest.slice(0, 12)}</code>{digest === agent.deployed ? ' deployed' : ''} <span class="quiet">{total === 0 ? '' : `${Math.round((1_000 * (weights.get(digest) ?? 0)) / total) / 10} %`}</span></label>
          <input id={`${prefix}-${digest}`} type="number" min={0} max={1_000} step={1} required value={weights.get(digest) ?? 0} onInput={(event) => setWeights(new Map(weights).set(digest, Math.max(0, Math.trunc(event.currentTarget.valueAsNumber || 0))))} />
        </div>
      ))}
      <div>
        <label for={`${prefix}-comment`}>Comment</label>
        <input id={`${prefix}-comment`} type="text" maxLength={1_000} autocomplete="off" value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
      </div>
      <p class="quiet">Runs keep the version that they began with.</p>
    </Confirm>
  );
}
