import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { backoffMs, pause } from './backoff.js';
import { problemFrom, type Problem } from './problem.js';

export interface Answer<T> {
  /** The last that was answered, also while it is asked for again. */
  readonly data: T | undefined;
  readonly problem: Problem | undefined;
  readonly isLoading: boolean;
  reload(): void;
}

/**
 * Asks the gateway when the page is shown and whenever `key` changes, and again, less and less often, while it says that trying again
 * may help. An answer to an earlier key is thrown away; what is shown for one key is never another's.
 */
export function useAnswer<T>(ask: (signal: AbortSignal) => Promise<T>, key: string): Answer<T> {
  const [told, setTold] = useState<{ readonly key: string; readonly data?: T | undefined; readonly problem?: Problem }>({ key });
  const [isLoading, setLoading] = useState(true);
  const [turn, setTurn] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    void (async () => {
      setLoading(true);
      for (let failures = 1; !signal.aborted; failures += 1) {
        try {
          const data = await latest.current(signal);
          if (!signal.aborted) setTold({ key, data });
          break;
        } catch (error) {
          if (signal.aborted) return;
          const problem = problemFrom(error);
          setTold((before) => ({ key, data: before.key === key ? before.data : undefined, problem }));
          if (!problem.isRetryable) break;
          await pause(backoffMs(failures, Math.random(), problem.retryAfterMs), signal);
        }
      }
      if (!signal.aborted) setLoading(false);
    })();
    return () => controller.abort();
  }, [key, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const isOfKey = told.key === key;
  return { data: isOfKey ? told.data : undefined, problem: isOfKey ? told.problem : undefined, isLoading: isLoading || !isOfKey, reload };
}
