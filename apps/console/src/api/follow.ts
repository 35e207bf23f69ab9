import { createParser } from 'eventsource-parser';
import { backoffMs, pause } from './backoff.js';
import { Problem, problemFrom, problemOf } from './problem.js';

/** How a stream stands: `ended` means that nothing more will come, `refused` that the gateway will not give it. */
export type StreamState = 'connecting' | 'live' | 'retrying' | 'ended' | 'refused';

export interface Received {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

export interface FollowOptions {
  /** Asks for the stream. Rejects where there is no answer. */
  readonly open: (headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Response>;
  /** Each time the stream was opened, before its first event. What was missed meanwhile can be read here. */
  readonly onOpen?: () => void;
  readonly onEvent: (received: Received) => void;
  readonly onState: (state: StreamState, problem?: Problem) => void;
  /** Stops following. */
  readonly signal: AbortSignal;
  readonly lastEventId?: string;
  /** Of 0 to 1; given so that specifications know it. */
  readonly chance?: () => number;
}

/** The gateway sends a comment every 15 s. A connection that brings nothing for three times that is dead, though nobody said so. */
const SILENCE_MS = 45_000;

/**
 * Follows server-sent events (WHATWG HTML, section 9.2) by `fetch`, since an `EventSource` can send no `Authorization`. Comes back
 * with the last id after whatever interrupts it, sooner at first and then less often, until the gateway says that there is nothing more
 * (204) or that trying again does not help. Never rejects.
 */
export async function follow(options: FollowOptions): Promise<void> {
  const { signal, onState } = options;
  let lastEventId = options.lastEventId;
  let failures = 0;
  onState('connecting');
  while (!signal.aborted) {
    let problem: Problem | undefined;
    try {
      const hasMore = await readOnce(options, lastEventId, (id) => { lastEventId = id; }, () => { failures = 0; });
      if (!hasMore) return void (signal.aborted || onState('ended'));
    } catch (error) {
      problem = problemFrom(error);
      if (!problem.isRetryable && !signal.aborted) return onState('refused', problem);
    }
    if (signal.aborted) return;
    failures += 1;
    // A stream that ends in good order is taken up again at once or nearly; only a failure is worth a word.
    onState(problem === undefined ? 'connecting' : 'retrying', problem);
    await pause(backoffMs(failures, (options.chance ?? Math.random)(), problem?.retryAfterMs), signal);
  }
}

/** Reads one answer to its end; false when the gateway has nothing more. */
async function readOnce({ open, onOpen, onEvent, onState, signal }: FollowOptions, lastEventId: string | undefined, remember: (id: string) => void, succeeded: () => void): Promise<boolean> {
  const silence = new Silence(signal);
  try {
    const response = await open(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }, silence.signal);
    if (response.status === 204) return false;
    if (!response.ok || response.body === null) throw problemOf(response, await response.json().catch(() => undefined));
    onState('live');
    onOpen?.();
    const parser = createParser({
      onEvent: ({ id, event = 'message', data }) => {
        succeeded();
        onEvent({ id, event, data });
        if (id !== undefined) remember(id);
      },
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return true;
      silence.broken();
      if (!signal.aborted) parser.feed(value);
    }
  } finally {
    silence.over();
  }
}

/** Aborts a request that brings nothing for too long, or when whoever asked does not want it any more. */
class Silence {
  private readonly controller = new AbortController();
  private readonly stop = (): void => this.controller.abort();
  private timer = setTimeout(this.stop, SILENCE_MS);

  constructor(private readonly outer: AbortSignal) {
    outer.addEventListener('abort', this.stop);
    if (outer.aborted) this.stop();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  broken(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.stop, SILENCE_MS);
  }

  over(): void {
    clearTimeout(this.timer);
    this.outer.removeEventListener('abort', this.stop);
    this.stop();
  }
}
