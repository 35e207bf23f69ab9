import { useRoute } from 'preact-iso';
import { useState } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import type { AnswerTo } from '../api/answers.js';
import { useRefreshed } from '../api/use-refreshed.js';
import { Facts, Json } from '../elements/facts.js';
import { Loaded } from '../elements/loaded.js';
import { Page } from '../elements/page.js';
import { exactTime } from '../elements/time.js';
import { may } from '../session/session.js';
import { BreakerState, type Breaker } from './breaker.js';
import { AcceptDialog } from './accept-dialog.js';
import { Standing } from './standing.js';

export type ToolDetail = AnswerTo<'/v1/tools/{name}'>;

/** A tool: the contract that counts, what its server offers instead, and the calls that wait for somebody's word. */
export function ToolPage() {
  const { name = '' } = useRoute().params;
  const tool = useRefreshed((signal) => answerOf(api.GET('/v1/tools/{name}', { params: { path: { name } }, signal })), name);
  const breakers = useRefreshed((signal) => answerOf(api.GET('/v1/breakers', { signal })), 'breakers').data?.breakers;
  const [accepting, setAccepting] = useState<ToolDetail>();
  const status = tool.data?.status;
  return (
    <Page title={name} up={{ href: '/console/tools', label: 'Tools' }} {...(status === undefined ? {} : { aside: <Standing of={status} /> })}>
      <Loaded answer={tool}>{(detail) => <Detail detail={detail} breakers={breakers} onAccept={() => setAccepting(detail)} />}</Loaded>
      {accepting === undefined ? null : <AcceptDialog detail={accepting} onClose={() => { setAccepting(undefined); tool.reload(); }} />}
    </Page>
  );
}

function Detail({ detail, breakers, onAccept }: { readonly detail: ToolDetail; readonly breakers: readonly Breaker[] | undefined; readonly onAccept: () => void }) {
  const { contract, candidate, differences, reason, accepted, parked, status } = detail;
  return (
    <>
      <p>{contract.description}</p>
      {status === 'healthy' ? null : (
        <section class="card block" aria-label="What changed">
          <header><h2>{status === 'quarantined' ? 'It is not called until somebody accepts it' : 'Its server offers something else; calls go on'}</h2></header>
          {reason === undefined ? null : <p>{reason}</p>}
          {differences.length === 0 ? null : (
            <ul class="differences">
              {differences.map(({ path, kind, breaking, text }) => (
                <li key={`${path} ${kind}`} data-breaking={breaking}>
                  <span class={breaking ? 'tag danger' : 'tag'}>{breaking ? 'breaking' : 'compatible'}</span>
                  <span>{text}</span>
                </li>
              ))}
            </ul>
          )}
          {parked.length === 0 ? null : <p>{parked.length === 1 ? 'A call waits for it' : `${parked.length} calls wait for it`}: {parked.slice(0, 10).map(({ runId, callId }, at) => <span key={`${runId} ${callId}`}>{at === 0 ? '' : ', '}<a href={`/console/runs/${runId}`}>{runId.slice(0, 10)}</a></span>)}{parked.length > 10 ? ' …' : ''}</p>}
          {candidate === undefined ? <p class="quiet">There is nothing to accept: the tool is gone from its server.</p>
            : may('admin') ? <button type="button" onClick={onAccept}>Accept what it offers…</button> : <p class="quiet">Accepting needs the role “admin”, which your key does not have.</p>}
        </section>
      )}
      {accepted === undefined ? null : <p class="quiet">Accepted by {accepted.by} on {exactTime(accepted.at)}{accepted.comment === '' ? '' : `: ${accepted.comment}`}</p>}
      <Facts of={{
        Breaker: breakers === undefined ? undefined : <BreakerState of={breakers.find(({ tool }) => tool === contract.name)} />,
        Effect: contract.effect, 'Same operation by': contract.identity.join(', '), 'Answers are': `${contract.outputLabel.trust}, ${contract.outputLabel.secrecy}`,
        'Time-out': `${contract.timeoutMs} ms, ${contract.retry.attempts} attempts`, Digest: contract.digest.slice(0, 12),
      }} />
      <h2>Input</h2>
      <Json value={contract.input} label="Input schema" />
      <h2>Output</h2>
      <Json value={contract.output} label="Output schema" />
      {candidate === undefined ? null : <details><summary>What its server offers</summary><Json value={{ input: candidate.input, output: candidate.output }} label="What its server offers" /></details>}
    </>
  );
}
