import type { Problem } from '../api/problem.js';

interface ProblemNoteProps {
  readonly problem: Problem;
  readonly onRetry?: () => void;
  /** Nothing is sent again unless the person does, as in a form. */
  readonly isSentByHand?: boolean;
}

/** What went wrong, in the gateway's words, and what to do next. */
export function ProblemNote({ problem, onRetry, isSentByHand = false }: ProblemNoteProps) {
  return (
    <div role="alert" data-variant={problem.isRetryable ? 'warning' : 'danger'} class="problem">
      <div>
        <strong>{problem.message}</strong>
        <p>{problem.isRetryable && !isSentByHand ? `${problem.remedy} It is tried again by itself.` : problem.remedy}</p>
        <code>{problem.code}</code>
      </div>
      {onRetry === undefined ? null : <button type="button" class="outline small" onClick={onRetry}>Try now</button>}
    </div>
  );
}
