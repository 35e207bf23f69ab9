import { useRoute } from 'preact-iso';
import { useState } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import { useRefreshed } from '../api/use-refreshed.js';
import { Facts, Json } from '../elements/facts.js';
import { Loaded } from '../elements/loaded.js';
import { Page } from '../elements/page.js';
import { Ago, exactTime } from '../elements/time.js';
import { may } from '../session/session.js';
import { CanaryStatus } from './canary-status.js';
import { EvidenceFigure } from './evidence-figure.js';
import { EvidenceTable } from './evidence-table.js';
import type { Canary } from './evidence.js';
import { WordDialog, type Word } from './word-dialog.js';

/** One canary: what is tried, the evidence so far, and the words by which an admin ends the trial earlier. */
export function CanaryPage() {
  const { id = '' } = useRoute().params;
  const canary = useRefreshed((signal) => answerOf(api.GET('/v1/canaries/{id}', { params: { path: { id } }, signal })), id);
  const [asked, setAsked] = useState<Word>();
  const { data } = canary;
  return (
    <Page title={id} up={{ href: '/console/canaries', label: 'Canaries' }} {...(data === undefined ? {} : { aside: <CanaryStatus of={data.status} />, actions: <Words canary={data} onAsk={setAsked} /> })}>
      <Loaded answer={canary}>{(detail) => <Detail canary={detail} />}</Loaded>
      {asked === undefined ? null : <WordDialog id={id} word={asked} onClose={() => { setAsked(undefined); canary.reload(); }} />}
    </Page>
  );
}

function Words({ canary: { status }, onAsk }: { readonly canary: Canary; readonly onAsk: (word: Word) => void }) {
  if (status !== 'running' && status !== 'paused') return null;
  if (!may('admin')) return <span class="quiet">Ending the trial needs the role “admin”.</span>;
  return (
    <>
      {status === 'paused' ? <button type="button" class="outline small" onClick={() => onAsk('resume')}>Resume</button> : <button type="button" class="outline small" onClick={() => onAsk('pause')}>Pause</button>}
      <button type="button" class="outline small" onClick={() => onAsk('promote')}>Promote</button>
      <button type="button" class="outline small" data-variant="danger" onClick={() => onAsk('abort')}>Abort</button>
    </>
  );
}

function Detail({ canary }: { readonly canary: Canary }) {
  const { agent, candidate, incumbent, percent, pairs, candidateRuns, incumbentRuns, metrics, thresholds, evidence, words, verdict, end, declaredAt, declaredBy, declaration } = canary;
  return (
    <>
      {declaration.comment === '' ? null : <p>{declaration.comment}</p>}
      {verdict === undefined ? null : <p><strong>The evidence says {VERDICTS[verdict.verdict]}:</strong> {verdict.reason}.</p>}
      {end === undefined ? null : <p class="quiet">Ended by {end.by} on {exactTime(end.at)}{end.reason === '' ? '' : `: ${end.reason}`}</p>}
      <Facts of={{
        Agent: agent,
        Candidate: <a class="digest" href={`/console/agents/${agent}/${candidate}`}>{candidate.slice(0, 12)}</a>,
        Incumbent: <a class="digest" href={`/console/agents/${agent}/${incumbent}`}>{incumbent.slice(0, 12)}</a>,
        'New tasks': `${percent} %`, Pairs: `${pairs} (decided after ${declaration.minimumPairs} at the earliest, ${declaration.maximumPairs} at the latest)`,
        Runs: `${candidateRuns} of the candidate, ${incumbentRuns} of the incumbent`, Declared: <><Ago at={declaredAt} /> by {declaredBy}</>,
      }} />
      <h2>Evidence</h2>
      {evidence.length === 0 ? <p class="quiet">There is no pair of runs to compare yet.</p> : (
        <>
          <div class="evidence">{metrics.map(({ metric }) => <EvidenceFigure key={metric} metric={metric} evidence={evidence} thresholds={thresholds} />)}</div>
          <EvidenceTable evidence={evidence} />
        </>
      )}
      {words.length === 0 ? null : (
        <>
          <h2>What people said</h2>
          <ul class="words">{words.map(({ word, by, comment, at }) => <li key={`${at} ${word}`}><strong>{word}</strong> <span class="quiet">{by}, {exactTime(at)}</span>{comment === '' ? '' : ` ${comment}`}</li>)}</ul>
        </>
      )}
      <details><summary>Declaration</summary><Json value={declaration} label="Declaration" /></details>
    </>
  );
}

const VERDICTS: Readonly<Record<NonNullable<Canary['verdict']>['verdict'], string>> = { 'roll-back': 'that it is worse', promote: 'that it is no worse', inconclusive: 'neither' };
