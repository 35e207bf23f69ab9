import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ProblemNote } from '../elements/problem-note.js';
import type { Answering } from './answering.js';

export interface AnswerFormProps {
  /** What sending it does: `Approve this call`. */
  readonly label: string;
  readonly variant?: 'danger';
  readonly answering: Answering;
  /** What it takes beside a comment. */
  readonly children?: ComponentChildren;
  /** Sends the answer. Throws a `SyntaxError` for what was typed wrong. */
  readonly onSend: (comment: string) => () => Promise<unknown>;
  readonly onCancel: () => void;
}

/** The last step before an answer: a comment, and the word. Enter sends it, Escape goes back. */
export function AnswerForm({ label, variant, answering, children, onSend, onCancel }: AnswerFormProps) {
  const [comment, setComment] = useState('');
  const [fault, setFault] = useState<string>();
  const form = useRef<HTMLFormElement>(null);
  const field = useId();
  // Before the next key: what a person types at once after choosing belongs into the field.
  useLayoutEffect(() => {
    form.current?.querySelector<HTMLElement>('textarea, input')?.focus();
    form.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (answering.state === 'sending') return;
    try {
      const send = onSend(comment);
      setFault(undefined);
      void answering.send(send);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      setFault(error.message);
    }
  };
  return (
    <form ref={form} class="answer card" onSubmit={submit} onKeyDown={(event) => { if (event.key === 'Escape') onCancel(); }}>
      {children}
      <div>
        <label for={field}>Comment <span class="quiet">recorded with your answer</span></label>
        <input id={field} type="text" maxLength={4_000} autocomplete="off" value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
      </div>
      {fault === undefined ? null : <p role="alert" class="fault">{fault}</p>}
      {answering.problem === undefined ? null : <ProblemNote problem={answering.problem} />}
      <div class="hstack">
        <button type="submit" {...(variant === undefined ? {} : { 'data-variant': variant })} aria-busy={answering.state === 'sending'}>{label}</button>
        <button type="button" class="ghost" onClick={onCancel}>Back</button>
      </div>
    </form>
  );
}
