import type { RunSummary } from '../runs/run-summary.js';
import type { EventStream } from './event-stream.js';

/** Runs whose changes may wait for one client; beyond that it is too slow to be told of changes at all. */
const MOST_WAITING = 1_000;

/**
 * Sends the summary of each of a tenant's runs whenever it changes. Changes of one run that come faster than the client
 * reads are told as one, with the latest summary, so what waits is bounded by the number of runs.
 */
export async function streamChanges(onChange: (listener: (summary: RunSummary) => void) => () => void, stream: EventStream): Promise<void> {
  const waiting = new Map<string, RunSummary>();
  let wake = (): void => undefined;
  const stop = onChange((summary) => {
    waiting.set(summary.runId, summary);
    if (waiting.size > MOST_WAITING) stream.end();
    wake();
  });
  stream.onClose(() => wake());
  try {
    while (stream.isOpen) {
      for (const [runId, summary] of waiting) {
        waiting.delete(runId);
        if (!(await stream.send({ event: 'run', data: summary }))) return;
      }
      if (waiting.size === 0 && stream.isOpen) await new Promise<void>((resolve) => { wake = resolve; });
    }
  } finally {
    stop();
    stream.end();
  }
}
