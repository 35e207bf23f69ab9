import { lazy } from 'preact-iso';
import { Suspense } from 'preact/compat';
import { useMemo, useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.js';
import { useAnswer } from '../../api/use-answer.js';
import { Facts } from '../../elements/facts.js';
import { ProblemNote } from '../../elements/problem-note.js';
import { exactTime } from '../../elements/time.js';
import { chainOf, type Chain, type Why } from './causes.js';

const WhyGraph = lazy(() => import('./why-graph.js').then((loaded) => loaded.WhyGraph));

interface WhyViewProps {
  readonly runId: string;
  /** The call, or the commit, that is asked about; the last commit when neither is named. */
  readonly call: string | undefined;
  readonly at: number;
}

/** Why a call was made, or a commit: the chain of its causes, read from the log and checked against its hashes. */
export function WhyView({ runId, call, at }: WhyViewProps) {
  const { data: why, problem, reload } = useAnswer(async (signal) => await (call === undefined
    ? answerOf(api.GET('/v1/runs/{runId}/why/{commitNumber}', { params: { path: { runId, commitNumber: at } }, signal }))
    : answerOf(api.GET('/v1/runs/{runId}/why', { params: { path: { runId }, query: { effect: call } }, signal }))) as Why, `${runId} ${call ?? at}`);
  const chain = useMemo(() => (why === undefined ? undefined : chainOf(why)), [why]);
  if (problem !== undefined) return <ProblemNote problem={problem} onRetry={reload} />;
  if (why === undefined || chain === undefined) return <p class="quiet" aria-busy="true">Reading the chain…</p>;
  const { verified, commits, brokenAt } = why.chain;
  return (
    <div class="why-view">
      {verified
        ? <p class="verified">Checked: all {commits} commits follow from each other by their hashes.</p>
        : <div role="alert" data-variant="danger"><p><strong>The chain is broken at commit {brokenAt?.number}: {brokenAt?.problem}.</strong> Nothing from there on is to be trusted.</p></div>}
      <Beside key={`${call ?? at}`} chain={chain} />
    </div>
  );
}

function Beside({ chain }: { readonly chain: Chain }) {
  const [selected, select] = useState<string | undefined>();
  return (
    <div class="beside-graph">
      <Suspense fallback={<div class="graph" aria-busy="true" />}><WhyGraph chain={chain} selected={selected} onSelect={select} /></Suspense>
      <ol class="causes" aria-label="The chain of causes, in order">
        {chain.causes.map(({ id, kind, title, detail, place }) => (
          <li key={id} data-kind={kind} data-selected={id === selected}>
            <button type="button" class="ghost" aria-expanded={id === selected} onClick={() => select(id === selected ? undefined : id)}>
              <strong>{title}</strong>
              <span class="because">{chain.links.filter(({ to, because }) => to === id && because !== '').map(({ because }) => because).join(', ')}</span>
            </button>
            {id !== selected ? null : <><p>{detail}</p><Facts of={{ Commit: place === undefined ? undefined : String(place.commit), When: place === undefined ? undefined : exactTime(place.at), Trusted: place?.trusted === false ? 'no: the chain is broken before it' : undefined }} /></>}
          </li>
        ))}
      </ol>
    </div>
  );
}
