import { connection } from '../api/connection.js';
import type { StreamState } from '../api/follow.js';

const WORDS: Readonly<Record<StreamState, string>> = {
  connecting: 'Connecting', live: 'Live', retrying: 'Connection lost, trying again', ended: 'Complete', refused: 'Not live',
};

/** Whether what the page shows is what is so. Readers are told when that changes. */
export function Connection() {
  const state = connection.value;
  return <span role="status" class="connection" data-state={state}>{state === undefined ? '' : <><span class="dot" aria-hidden="true" />{WORDS[state]}</>}</span>;
}
