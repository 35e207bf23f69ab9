import { useEffect } from 'preact/hooks';
import { useAnswer, type Answer } from './use-answer.js';

const EVERY_MS = 5_000;

/** As `useAnswer`, and asks again every few seconds while somebody may be looking: for what the gateway tells by no stream. */
export function useRefreshed<T>(ask: (signal: AbortSignal) => Promise<T>, key: string): Answer<T> {
  const answer = useAnswer(ask, key);
  const { isLoading, reload } = answer;
  useEffect(() => {
    if (isLoading) return undefined;
    const timer = setInterval(() => { if (!document.hidden) reload(); }, EVERY_MS);
    return () => clearInterval(timer);
  }, [isLoading, reload]);
  return answer;
}
