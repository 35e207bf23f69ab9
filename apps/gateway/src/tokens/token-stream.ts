import type { TokenPlace } from '@holdfast/contracts';
import { InvalidRequest } from '../edge/problem.js';
import type { EventStream } from '../streams/event-stream.js';
import type { TokenFeed } from './token-feed.js';

/** Reads `Last-Event-ID`: the place of the message that was received last. Throws `request.invalid` for anything we never sent. */
export function readTokenPlace(header: string | undefined): TokenPlace | undefined {
  if (header === undefined || header === '') return undefined;
  const match = /^(\d{1,15})\.(\d{1,9})\.(\d{1,9})$/.exec(header);
  if (match === null) throw new InvalidRequest([{ pointer: '/Last-Event-ID', detail: 'must be <basis>.<attempt>.<number>, as in the ids of this stream' }]);
  return { basis: Number(match[1]), attempt: Number(match[2]), n: Number(match[3]) };
}

/**
 * Sends what a run's model says until the run has ended. A client that reads slowly holds nobody up: what the feed has
 * forgotten meanwhile is lost to it, which it sees by the offsets.
 */
export async function streamTokens(feed: Pick<TokenFeed, 'after' | 'onToken' | 'ready'>, onEnd: (listener: () => void) => () => void, stream: EventStream, from: TokenPlace | undefined): Promise<void> {
  let place = from;
  let hasEnded = false;
  let wake = (): void => undefined;
  const stops = [feed.onToken(() => wake()), onEnd(() => {
    hasEnded = true;
    wake();
  })];
  stream.onClose(() => wake());
  try {
    await feed.ready;
    while (stream.isOpen) {
      const told = feed.after(place);
      for (const { place: at, token, isPlace } of told) {
        const { kind, ...data } = token;
        if (!(await stream.send({ ...(isPlace ? { id: `${at.basis}.${at.attempt}.${at.n}` } : {}), event: kind, data }))) return;
        place = at;
      }
      if (told.length > 0) continue;
      if (hasEnded) return;
      await new Promise<void>((resolve) => { wake = resolve; });
    }
  } finally {
    for (const stop of stops) stop();
    stream.end();
  }
}
