import { useEffect, useRef } from 'preact/hooks';
import { openStream } from './client.js';
import { forgetStream, noteStream } from './connection.js';
import { follow, type Received, type StreamState } from './follow.js';
import type { Problem } from './problem.js';

export interface StreamListeners {
  readonly onOpen?: () => void;
  readonly onEvent: (received: Received) => void;
  readonly onState?: (state: StreamState, problem?: Problem) => void;
}

/** Follows a stream of the gateway while the page is shown; its state is told to everybody. Nothing is followed for an undefined path. */
export function useStream(path: string | undefined, listeners: StreamListeners): void {
  const latest = useRef(listeners);
  latest.current = listeners;
  useEffect(() => {
    if (path === undefined) return undefined;
    const controller = new AbortController();
    void follow({
      open: (headers, signal) => openStream(path, headers, signal),
      onOpen: () => latest.current.onOpen?.(),
      onEvent: (received) => latest.current.onEvent(received),
      onState: (state, problem) => {
        noteStream(path, state);
        latest.current.onState?.(state, problem);
      },
      signal: controller.signal,
    });
    return () => {
      controller.abort();
      forgetStream(path);
    };
  }, [path]);
}
