import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { problemFrom, type Problem } from '../api/problem.js';
import { Dialog } from './dialog.js';
import { ProblemNote } from './problem-note.js';

export interface ConfirmProps {
  readonly title: string;
  /** What the button that does it says. */
  readonly label: string;
  readonly variant?: 'danger';
  readonly children: ComponentChildren;
  /** Does it; what it throws is shown, and the dialog stays. */
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before something is done that others will notice. */
export function Confirm({ title, label, variant, children, onConfirm, onClose }: ConfirmProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem(problemFrom(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <div class="confirm">
          {problem === undefined ? null : <ProblemNote problem={problem} isSentByHand />}
          {children}
        </div>
        <footer>
          <button type="button" class="outline" onClick={onClose}>Cancel</button>
          <button type="submit" {...(variant === undefined ? {} : { 'data-variant': variant })} aria-busy={isBusy}>{label}</button>
        </footer>
      </form>
    </Dialog>
  );
}
