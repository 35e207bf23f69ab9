import type { ComponentChildren } from 'preact';
import type { Answer } from '../api/use-answer.js';
import { ProblemNote } from './problem-note.js';

/** What was answered, once it is there, and what went wrong beside it: what was known stays in sight. */
export function Loaded<T>({ answer, children }: { readonly answer: Answer<T>; readonly children: (data: T) => ComponentChildren }) {
  return (
    <>
      {answer.problem === undefined ? null : <ProblemNote problem={answer.problem} onRetry={answer.reload} />}
      {answer.data !== undefined ? children(answer.data) : answer.problem === undefined ? <p class="quiet" aria-busy="true">Reading…</p> : null}
    </>
  );
}
