import { useCallback, useState } from 'preact/hooks';
import { problemFrom, type Problem } from '../api/problem.js';

/** How a person's answer fares: `stored` means that the gateway has it, and the run has not said yet whether it counts. */
export interface Answering {
  readonly state: 'open' | 'sending' | 'stored';
  readonly problem: Problem | undefined;
  /** Sends it, unless one is under way. */
  send(answer: () => Promise<unknown>): Promise<void>;
}

/** Answers of one matter; used by whatever is keyed by it. */
export function useAnswering(onAnswered: () => void): Answering {
  const [told, setTold] = useState<{ readonly state: Answering['state']; readonly problem?: Problem }>({ state: 'open' });
  const send = useCallback(async (answer: () => Promise<unknown>): Promise<void> => {
    setTold({ state: 'sending' });
    try {
      await answer();
      setTold({ state: 'stored' });
    } catch (error) {
      setTold({ state: 'open', problem: problemFrom(error) });
    }
    onAnswered();
  }, [onAnswered]);
  return { state: told.state, problem: told.problem, send };
}
