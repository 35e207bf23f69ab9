import { useEffect, useRef } from 'preact/hooks';
import { theme } from '../../shell/theme.js';
import { placeOf, type Range } from './scale.js';
import type { Timeline } from './timeline.js';

const LANES = 6;
const HEIGHT = 36;

interface OverviewProps {
  readonly timeline: Timeline;
  readonly turn: number;
  readonly view: Range;
  readonly clock: number;
  readonly onGo: (index: number) => void;
}

/** The whole run in one strip, drawn in one go however long it is. Pointing goes there; who uses a keyboard has the list itself. */
export function Overview({ timeline, turn, view, clock, onGo }: OverviewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const whole = wholeOf(timeline, clock);
  const latest = useRef(clock);
  latest.current = clock;
  const wide = `${whole.start} ${Math.round(whole.end / 1_000)}`;
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, timeline, clock);
  }, [turn, wide, theme.value]);
  useEffect(() => {
    const { current } = canvas;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => draw(current, timeline, latest.current));
    observer.observe(current);
    return () => observer.disconnect();
  }, [timeline]);
  const go = (event: PointerEvent & { readonly currentTarget: HTMLElement }): void => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const at = whole.start + ((event.clientX - box.left) / box.width) * (whole.end - whole.start);
    const index = timeline.spans.findIndex(({ start, end }) => (end ?? Infinity) >= at && start <= at);
    onGo(index >= 0 ? index : Math.max(0, timeline.spans.findLastIndex(({ start }) => start <= at)));
  };
  const [from, to] = [placeOf(view.start, whole), placeOf(view.end, whole)];
  return (
    <div class="overview" aria-hidden="true" onPointerDown={go} onPointerMove={go}>
      <canvas ref={canvas} height={HEIGHT} />
      <span class="window" style={{ insetInlineStart: `${from}%`, inlineSize: `max(4px, ${to - from}%)` }} />
    </div>
  );
}

function wholeOf({ start, last }: Timeline, clock: number): Range {
  return { start, end: Math.max(clock, last?.at ?? 0, start + 1) };
}

function draw(canvas: HTMLCanvasElement, timeline: Timeline, clock: number): void {
  const { spans } = timeline;
  const whole = wholeOf(timeline, clock);
  const ratio = devicePixelRatio;
  const { clientWidth: width } = canvas;
  canvas.width = width * ratio;
  canvas.height = HEIGHT * ratio;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name);
  const colours = { model: colour('--span-model'), call: colour('--span-call'), failed: colour('--span-failed'), note: colour('--span-note') };
  const lane = HEIGHT / LANES;
  spans.forEach(({ kind, state, start, end }, index) => {
    const from = (placeOf(start, whole) / 100) * width;
    const to = (placeOf(end ?? whole.end, whole) / 100) * width;
    context.fillStyle = state === 'failed' ? colours.failed : colours[kind];
    context.fillRect(from, (index % LANES) * lane + 1, Math.max(to - from, 1.5), lane - 2);
  });
}
