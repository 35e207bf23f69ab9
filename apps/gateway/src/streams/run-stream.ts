import type { RecordedCommit } from '@holdfast/contracts';
import { PublicView } from '../runs/public-event.js';
import type { EventStream } from './event-stream.js';
import { isAfter, type StreamPosition } from './resume.js';

export interface RunStreamSource {
  /** The run's history, at least up to this commit; without one, up to what is stored now. */
  history(atLeast?: number): Promise<readonly RecordedCommit[]>;
  /** Calls back with the number of each new commit, or without one when it is time to look. Returns how to stop. */
  onCommit(listener: (number: number | undefined) => void): () => void;
}

/** True when the client has everything of a run that has ended, so that there is nothing left to stream. */
export function isExhausted(history: readonly RecordedCommit[], position: StreamPosition): boolean {
  const last = history.at(-1)?.commit;
  return last?.route === 'end' && !isAfter(last.number, last.events.length - 1, position);
}

/**
 * Sends a run's events after a position, as they happen, and ends the stream after the run's last one. What is still to
 * be sent stays in the log: a new commit only wakes this loop, which reads on from where the client is.
 */
export async function streamRun(source: RunStreamSource, stream: EventStream, from: StreamPosition, view = new PublicView()): Promise<void> {
  let heard = 0;
  let seen = 0;
  let wake = (): void => undefined;
  const stop = source.onCommit((number) => {
    if (number !== undefined && number <= seen) return;
    heard = Math.max(heard, number ?? 0);
    wake();
  });
  stream.onClose(() => wake());
  try {
    while (stream.isOpen) {
      const history = await source.history(heard > seen ? heard : undefined);
      for (const { commit } of history.slice(seen)) {
        seen = commit.number;
        for (const [index, event] of view.events(commit).entries()) {
          if (!isAfter(commit.number, index, from)) continue;
          if (!(await stream.send({ id: event.id, event: event.event.type, data: event }))) return;
        }
      }
      if (history.at(-1)?.commit.route === 'end') return;
      // A commit that was heard while the last events were sent is not waited for again.
      if (heard <= seen && stream.isOpen) await new Promise<void>((resolve) => { wake = resolve; });
    }
  } finally {
    stop();
    stream.end();
  }
}
