import { useLocation } from 'preact-iso';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { problemFrom, type Problem } from '../api/problem.js';
import { backoffMs, pause } from '../api/backoff.js';
import { useStream } from '../api/use-stream.js';
import { Page } from '../elements/page.js';
import { ProblemNote } from '../elements/problem-note.js';
import { useVirtual } from '../elements/use-virtual.js';
import { addressOf, readFilter, type RunSummary } from './filter.js';
import { RunFilters } from './run-filters.js';
import { RunRow } from './run-row.js';
import { RunsFeed } from './runs-feed.js';
import { StartTask } from './start/start-task.js';
import { useArrowKeys } from './use-arrow-keys.js';

/** Rows from the end at which the next page is read. */
const AHEAD = 60;

export function RunsPage() {
  const { query, route } = useLocation();
  const filter = readFilter(query);
  const address = addressOf(filter);
  const feed = useMemo(() => new RunsFeed(filter), [address]);
  const [problem, setProblem] = useState<Problem | undefined>();
  const controller = useMemo(() => new AbortController(), [feed]);
  useEffect(() => () => { controller.abort(); feed.close(); }, [feed]);
  const refresh = (): void => void persist(() => feed.refresh(controller.signal), controller.signal, setProblem);
  // A stream tells changes only, so the list is read again whenever one begins: what fell between the two is in there.
  useStream('/v1/stream', {
    onOpen: refresh,
    onEvent: ({ event, data }) => { if (event === 'run') feed.take(JSON.parse(data) as RunSummary); },
    onState: (_state, refusal) => { if (refusal !== undefined && !refusal.isRetryable) setProblem(refusal); },
  });
  useEffect(refresh, [feed]);
  const shown = feed.shown.value;

  return (
    <Page title="Runs" isFilling actions={<><RunFilters filter={filter} onChange={(wanted) => route(addressOf(wanted), true)} /><StartTask /></>}>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={refresh} />}
      {shown === undefined
        ? (problem === undefined ? <p class="quiet" aria-busy="true">Reading runs…</p> : null)
        : shown.rows.length === 0
          ? <div class="empty"><p>No runs{address === '/console/runs' ? ' yet' : ' with this filter'}.</p>{address === '/console/runs' ? <p>A task that any service sends begins one.</p> : <p><a href="/console/runs">Show all</a></p>}</div>
          : <Rows key={address} feed={feed} rows={shown.rows} waiting={shown.waiting} hasMore={shown.hasMore} onMore={() => void feed.more(controller.signal).catch((error: unknown) => setProblem(problemFrom(error)))} />}
    </Page>
  );
}

interface RowsProps {
  readonly feed: RunsFeed;
  readonly rows: readonly RunSummary[];
  readonly waiting: number;
  readonly hasMore: boolean;
  readonly onMore: () => void;
}

function Rows({ feed, rows, waiting, hasMore, onMore }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useNarrow();
  const virtual = useVirtual(scroller, { count: rows.length, estimateSize: () => (isNarrow ? 84 : 60), getItemKey: (index) => rows[index]?.runId ?? index });
  useEffect(() => virtual.measure(), [isNarrow]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => { if (hasMore && last >= rows.length - AHEAD) onMore(); }, [last, rows.length, hasMore]);
  const moveFocus = useArrowKeys(scroller, rows.length, (index) => virtual.scrollToIndex(index));
  return (
    <>
      {waiting === 0 ? null : <button type="button" class="fresh small" onClick={() => { scroller.current?.scrollTo({ top: 0 }); feed.hold(false); }}>{waiting === 1 ? '1 change' : `${waiting} changes`} above</button>}
      <div class="rows" ref={scroller} onScroll={(event) => feed.hold(event.currentTarget.scrollTop > 0)} onKeyDown={moveFocus}>
        <ul style={{ height: `${virtual.getTotalSize()}px` }} aria-label={`${rows.length}${hasMore ? ' or more' : ''} runs`}>
          {items.map(({ key, index, start, size }) => {
            const run = rows[index];
            return run === undefined ? null : (
              <li key={key} data-index={index} style={{ transform: `translateY(${start}px)`, height: `${size}px` }} aria-setsize={hasMore ? -1 : rows.length} aria-posinset={index + 1}>
                <RunRow run={run} />
              </li>
            );
          })}
        </ul>
      </div>
    </>
  );
}

const NARROW = matchMedia('(max-width: 48rem)');

function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const look = (): void => setNarrow(NARROW.matches);
    NARROW.addEventListener('change', look);
    return () => NARROW.removeEventListener('change', look);
  }, []);
  return isNarrow;
}

/** Does it again while trying again may help, and tells what is wrong meanwhile. */
async function persist(work: () => Promise<void>, signal: AbortSignal, tell: (problem: Problem | undefined) => void): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      await work();
      return tell(undefined);
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemFrom(error);
      tell(problem);
      if (!problem.isRetryable) return;
      await pause(backoffMs(failures, Math.random(), problem.retryAfterMs), signal);
    }
  }
}
