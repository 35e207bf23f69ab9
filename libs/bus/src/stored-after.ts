import type { Bus } from './bus.js';
import type { StoredMessage } from './stored.js';

/** Messages that are asked for at once. */
const PAGE = 1_000;

/** All messages of a stream after a sequence whose subjects match the filter, in order, read page by page. Throws `bus.unavailable` (retryable). */
export async function* storedAfter(bus: Pick<Bus, 'getBatch'>, stream: string, sequence: number, filter?: string): AsyncGenerator<StoredMessage, void> {
  for (let after = sequence; ;) {
    const page = await bus.getBatch(stream, after + 1, PAGE, filter);
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.sequence ?? after;
  }
}
