import type { RunKey } from '@holdfast/contracts';
import { TokenFeed, type TokenFeedMeans } from './token-feed.js';

interface Watched {
  readonly feed: TokenFeed;
  watchers: number;
}

/** A feed for each run that somebody watches, however many they are, as long as anybody does. */
export class TokenFeeds {
  private readonly watched = new Map<string, Watched>();

  constructor(private readonly means: TokenFeedMeans) {}

  /** The run's feed, and how to give it back. */
  watch(key: RunKey): { readonly feed: TokenFeed; readonly stop: () => void } {
    const name = `${key.tenant}/${key.runId}`;
    const run = this.watched.get(name) ?? { feed: new TokenFeed(this.means, key), watchers: 0 };
    this.watched.set(name, run);
    run.watchers += 1;
    return {
      feed: run.feed,
      stop: () => {
        run.watchers -= 1;
        if (run.watchers > 0) return;
        run.feed.close();
        this.watched.delete(name);
      },
    };
  }
}
