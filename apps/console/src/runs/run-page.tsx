import { useLocation, useRoute } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { answerOf, api } from '../api/client.js';
import { useAnswer } from '../api/use-answer.js';
import { Facts } from '../elements/facts.js';
import { Page } from '../elements/page.js';
import { ProblemNote } from '../elements/problem-note.js';
import { duration } from '../elements/durations.js';
import { now } from '../elements/time.js';
import { ComparisonView } from './comparison/comparison-view.js';
import { Said } from './said.js';
import { StateView } from './state/state-view.js';
import { Status } from './status.js';
import { Steering } from './steering/steering.js';
import { SpanDetails } from './timeline/span-details.js';
import { TimelineView } from './timeline/timeline-view.js';
import { useTimeline } from './timeline/use-timeline.js';
import { WhyView } from './why/why-view.js';

const VIEWS = [['timeline', 'Timeline'], ['state', 'State'], ['why', 'Why'], ['compare', 'Compare']] as const;
type View = (typeof VIEWS)[number][0];

/** Milliseconds after the last event until the summary is asked for again: a run that hurries is not asked about at every step. */
const SUMMARY_MS = 300;

export function RunPage() {
  const runId = useRoute().params['runId'] ?? '';
  return <OneRun key={runId} runId={runId} />;
}

function OneRun({ runId }: { readonly runId: string }) {
  const { query, route } = useLocation();
  const { timeline, turn, problem: streamProblem } = useTimeline(runId);
  const { data: run, problem, reload } = useAnswer((signal) => answerOf(api.GET('/v1/runs/{runId}', { params: { path: { runId } }, signal })), runId);
  useEffect(() => {
    if (turn === 0) return undefined;
    const timer = setTimeout(reload, SUMMARY_MS);
    return () => clearTimeout(timer);
  }, [timeline.last?.commit]);
  const view = VIEWS.find(([name]) => name === query['view'])?.[0] ?? 'timeline';
  const at = Number(query['at']) > 0 ? Math.floor(Number(query['at'])) : undefined;
  const head = timeline.last?.commit ?? run?.commits ?? 1;
  const selected = query['row'] === undefined ? undefined : timeline.find(query['row']);
  const address = (wanted: Readonly<Record<string, string | number | undefined>>): string => `/console/runs/${encodeURIComponent(runId)}?${new URLSearchParams(Object.entries(wanted).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]))}`;
  const go = (to: View, wanted: Readonly<Record<string, string | number | undefined>>): void => route(address({ view: to, ...wanted }), true);
  const origin = timeline.events.get('1.0')?.event as { readonly origin?: { readonly runId: string } } | undefined;
  if (run === undefined && problem !== undefined) return <Page title="Run" up={{ href: '/console/runs', label: 'Runs' }}><ProblemNote problem={problem} onRetry={reload} /></Page>;
  return (
    <Page title={run === undefined ? 'Run' : run.goal || run.taskId} isFilling up={{ href: '/console/runs', label: 'Runs' }} aside={run === undefined ? null : <Status of={run.status} />}
      actions={run === undefined ? undefined : <Steering runId={runId} isPaused={run.paused} isEnded={run.phase === 'ended'} isStopping={run.status === 'stopping'} />}>
      {run === undefined ? null : (
        <div class="summary">
          {run.answer === undefined && run.reason === undefined ? null : <div class="outcome" data-status={run.status} role="region" aria-label={run.answer === undefined ? 'Reason' : 'Answer'} tabIndex={0}><Said text={run.answer ?? run.reason ?? ''} /></div>}
          <Facts of={{
            Agent: `${run.agent} ${run.agentDigest.slice(0, 8)}`, Task: `${run.type} from ${run.source}`, 'Task id': run.taskId,
            Steps: String(run.steps), Commits: String(run.commits),
            Took: duration((run.phase === 'ended' ? run.changedAt : Math.max(now.value, run.changedAt)) - run.startedAt),
            'Waits for': run.waitsFor.map((one) => one.for).join(', '),
            'Forked from': origin?.origin === undefined ? undefined : <a href={address({ view: 'compare', with: origin.origin.runId })}>{origin.origin.runId}</a>,
          }} />
        </div>
      )}
      {streamProblem === undefined ? null : <ProblemNote problem={streamProblem} />}
      <nav class="views" aria-label="Views of this run">{VIEWS.map(([name, label]) => <a key={name} href={address({ view: name, at: name === 'state' || name === 'why' ? at : undefined })} aria-current={name === view ? 'page' : undefined}>{label}</a>)}</nav>
      <div class="view" data-view={view} data-details={selected !== undefined}>
        {view === 'timeline' ? <>
          <TimelineView timeline={timeline} turn={turn} selected={selected?.id} onSelect={(id) => go('timeline', { row: id === selected?.id ? undefined : id })} onClose={() => go('timeline', {})} />
          {selected === undefined ? null : <SpanDetails key={selected.id} timeline={timeline} span={selected} onClose={() => go('timeline', {})} stateHref={address({ view: 'state', at: selected.lastCommit })} whyHref={address({ view: 'why', ...(selected.kind === 'call' ? { call: selected.id } : { at: selected.lastCommit }) })} />}
        </> : null}
        {view === 'state' ? <StateView runId={runId} head={head} at={at} onGo={(to) => go('state', { at: to })} /> : null}
        {view === 'why' ? <WhyView runId={runId} call={query['call']} at={at ?? head} /> : null}
        {view === 'compare' ? <ComparisonView key={query['with'] ?? ''} runId={runId} other={query['with'] ?? origin?.origin?.runId} onCompare={(other) => go('compare', { with: other })} /> : null}
      </div>
    </Page>
  );
}
