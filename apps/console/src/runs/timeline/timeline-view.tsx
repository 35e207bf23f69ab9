import { useEffect, useRef } from 'preact/hooks';
import { duration } from '../../elements/durations.js';
import { now } from '../../elements/time.js';
import { useVirtual } from '../../elements/use-virtual.js';
import { useArrowKeys } from '../use-arrow-keys.js';
import { Overview } from './overview.js';
import { placeOf, rangeOf, ticks, type Range } from './scale.js';
import { SpanRow } from './span-row.js';
import type { Timeline } from './timeline.js';

const ROW = 34;
/** Pixels that a mark of the scale takes, and what the columns beside it take of the width at least. */
const MARK = 84;
const BESIDE = 0.42;

export interface TimelineViewProps {
  readonly timeline: Timeline;
  readonly turn: number;
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
  readonly onClose: () => void;
}

/**
 * A run as a waterfall: a row for each call of a model and of a tool, and for what happened in a moment. The scale is that of the rows in
 * view, so that the twelfth step of a run that waited a day for somebody is as readable as its first; the overview above shows the
 * whole, and where in it the view is.
 */
export function TimelineView({ timeline, turn, selected, onSelect, onClose }: TimelineViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { spans } = timeline;
  const virtual = useVirtual(scroller, { count: spans.length, estimateSize: () => ROW, overscan: 6, getItemKey: (index) => spans[index]?.id ?? index });
  const follow = useRef(true);
  useEffect(() => {
    if (follow.current && !timeline.isEnded && spans.length > 0) virtual.scrollToIndex(spans.length - 1, { align: 'end' });
  }, [turn]);
  const items = virtual.getVirtualItems();
  const { scrollOffset, scrollRect } = virtual;
  const [from, to] = [Math.floor((scrollOffset ?? 0) / ROW), Math.ceil(((scrollOffset ?? 0) + (scrollRect?.height ?? 600)) / ROW)];
  const inView = spans.slice(from, to);
  const isLive = !timeline.isEnded && inView.some(({ end }) => end === undefined);
  const clock = isLive ? now.value : (timeline.last?.at ?? 0);
  const range: Range = inView.length === 0 ? { start: 0, end: 1 } : rangeOf(inView, clock);
  const moveFocus = useArrowKeys(scroller, spans.length, (index) => virtual.scrollToIndex(index));
  const marks = ticks(range, timeline.start, Math.max(2, Math.floor(((scrollRect?.width ?? 600) * (1 - BESIDE)) / MARK)));
  return (
    <div class="timeline">
      <Overview timeline={timeline} turn={turn} view={range} clock={clock} onGo={(index) => { follow.current = false; virtual.scrollToIndex(index, { align: 'center' }); }} />
      <div class="scale" aria-hidden="true">
        <span />
        <div class="track">{marks.map((offset) => <span key={offset} style={{ insetInlineStart: `${placeOf(timeline.start + offset, range)}%` }}>{offset === 0 ? '0' : `+${duration(offset)}`}</span>)}</div>
        <span />
      </div>
      <div class="spans" ref={scroller} onKeyDown={(event) => (event.key === 'Escape' ? onClose() : moveFocus(event))} onScroll={({ currentTarget: box }) => { follow.current = box.scrollTop + box.clientHeight >= box.scrollHeight - ROW; }}>
        <ol style={{ height: `${virtual.getTotalSize()}px` }} aria-label={`Timeline: ${spans.length} rows`}>
          {items.map(({ index, start, key }) => {
            const span = spans[index];
            return span === undefined ? null : (
              <li key={key} data-index={index} style={{ transform: `translateY(${start}px)`, height: `${ROW}px` }} aria-setsize={spans.length} aria-posinset={index + 1}>
                <SpanRow span={span} range={range} clock={clock} isSelected={span.id === selected} onSelect={onSelect} />
              </li>
            );
          })}
        </ol>
      </div>
    </div>
  );
}
