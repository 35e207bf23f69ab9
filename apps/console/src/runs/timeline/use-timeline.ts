import { useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import type { Problem } from '../../api/problem.js';
import { useStream } from '../../api/use-stream.js';
import type { RunEvent } from './run-events.js';
import { Timeline } from './timeline.js';

export interface LiveTimeline {
  readonly timeline: Timeline;
  /** Changes whenever the timeline has. */
  readonly turn: number;
  readonly problem: Problem | undefined;
}

/** Follows a run's events and draws at most once a frame, however many come at once. */
export function useTimeline(runId: string): LiveTimeline {
  const timeline = useMemo(() => new Timeline(), [runId]);
  const [turn, redraw] = useReducer((before: number, _: undefined) => before + 1, 0);
  const [problem, setProblem] = useState<Problem | undefined>();
  const frame = useMemo(() => ({ asked: 0 }), [runId]);
  useEffect(() => () => cancelAnimationFrame(frame.asked), [frame]);
  useStream(`/v1/runs/${encodeURIComponent(runId)}/stream`, {
    onEvent: ({ data }) => {
      timeline.add(JSON.parse(data) as RunEvent);
      frame.asked ||= requestAnimationFrame(() => {
        frame.asked = 0;
        redraw(undefined);
      });
    },
    onState: (state, told) => setProblem(state === 'retrying' || state === 'refused' ? told : undefined),
  });
  return { timeline, turn, problem };
}
