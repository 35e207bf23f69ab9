import { computed, signal } from '@preact/signals';
import type { StreamState } from './follow.js';

/** What the page is told live, by stream. */
const streams = signal<ReadonlyMap<string, StreamState>>(new Map());

/** The state that a person has to know: the worst of all streams; undefined when the page follows none. */
export const connection = computed<StreamState | undefined>(() => {
  const states = [...streams.value.values()];
  return (['refused', 'retrying', 'connecting', 'live', 'ended'] as const).find((state) => states.includes(state));
});

export function noteStream(name: string, state: StreamState): void {
  streams.value = new Map(streams.value).set(name, state);
}

export function forgetStream(name: string): void {
  const rest = new Map(streams.value);
  rest.delete(name);
  streams.value = rest;
}
