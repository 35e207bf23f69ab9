import type { RunStatus } from './filter.js';

/** As people say it. */
export const STATUS_WORDS: Readonly<Record<RunStatus, string>> = {
  waiting: 'Waits for people', running: 'Running', paused: 'Paused', stopping: 'Stopping', completed: 'Completed', failed: 'Failed', cancelled: 'Cancelled', erased: 'Erased', unreadable: 'Unreadable',
};

/** Colour is never alone: the words say the same. */
export function Status({ of }: { readonly of: RunStatus }) {
  return <span class="status" data-status={of}><span class="dot" aria-hidden="true" />{STATUS_WORDS[of]}</span>;
}
