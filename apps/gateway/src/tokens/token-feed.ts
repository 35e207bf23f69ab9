import { readJson, type Bus } from '@holdfast/bus';
import { TOKENS_STREAM, isSaidAfter, subjects, tokenEvent, type RunKey, type TokenEvent, type TokenPlace } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import { freshView } from '../runs/lineage.js';
import { PublicView } from '../runs/public-event.js';
import type { RunHistories } from '../runs/run-histories.js';
import { Screen } from './screen.js';
import type { PublicToken } from './tokens.endpoints.js';

export interface TokenFeedMeans {
  readonly bus: Pick<Bus, 'listen' | 'getBatch' | 'onReconnect'>;
  readonly histories: Pick<RunHistories, 'find'>;
  readonly logger: Logger;
}

/** Something that was said, as it may be shown. */
export interface Told {
  readonly place: TokenPlace;
  readonly token: PublicToken;
  /** False for what was held back and is told before the message at whose place it is: a client that goes on from there would miss that message. */
  readonly isPlace: boolean;
}

/** The broker keeps as many of one run; see the declaration of its stream. */
const MOST_KEPT = 1_000;
/** A text without a blank that is longer is no text. */
const MOST_HELD = 256 * 1024;

/**
 * What one run's model says, for all who watch it through this gateway: one subscription, and the last messages. What comes
 * late from a planner that another has taken over from is dropped by its place, and secrets of the run are hidden, also where
 * they come in pieces. The planner is not believed: it can make a watcher read its own words, as by a proposal, and no more.
 */
export class TokenFeed {
  private readonly kept: Told[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly view = new PublicView();
  private readonly screen = new Screen(this.view);
  private readonly stops: (() => void)[] = [];
  /** Commits whose secrets are known. */
  private learned = 0;
  private last: TokenPlace | undefined;
  /** Characters that the planner has said, and that were shown, since the last beginning. */
  private said = 0;
  private shown = 0;
  private taking: Promise<void>;

  constructor(private readonly means: TokenFeedMeans, private readonly key: RunKey) {
    // What comes while the stored messages are read waits behind them.
    this.stops.push(means.bus.listen(subjects.tokensHeard(key), (message) => this.takeLater(() => this.take(readJson(message.data)))));
    this.stops.push(means.bus.onReconnect(() => this.takeLater(() => this.takeStored())));
    this.taking = this.takeStored().catch((error: unknown) => this.complain(error));
  }

  /** Resolves when everything that was stored before has been taken. */
  get ready(): Promise<void> {
    return this.taking;
  }

  /** What was said after a place; from the last beginning on without one. */
  after(place: TokenPlace | undefined): readonly Told[] {
    if (place !== undefined) return this.kept.filter((told) => isSaidAfter(told.place, place));
    return this.kept.slice(Math.max(0, this.kept.findLastIndex(({ token }) => token.kind === 'started')));
  }

  onToken(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  private takeLater(take: () => Promise<void>): void {
    this.taking = this.taking.then(take).catch((error: unknown) => this.complain(error));
  }

  private complain(error: unknown): void {
    this.means.logger.warn({ err: error, tenant: this.key.tenant, run_id: this.key.runId }, 'tokens were lost');
  }

  private async takeStored(): Promise<void> {
    for (const stored of await this.means.bus.getBatch(TOKENS_STREAM, 1, MOST_KEPT, subjects.tokens(this.key))) await this.take(readJson(stored.data));
  }

  private async take(value: unknown): Promise<void> {
    const parsed = tokenEvent.safeParse(value);
    if (!parsed.success) return;
    const event = parsed.data;
    if (this.last !== undefined && !isSaidAfter(event, this.last)) return;
    if (!(await this.knowsSecretsOf(event.basis))) return;
    const isNew = this.last?.basis !== event.basis || this.last.attempt !== event.attempt;
    this.last = { basis: event.basis, attempt: event.attempt, n: event.n };
    // A recorded answer is the one that was heard before, so that it goes on.
    if (isNew && !(event.kind === 'ended' && event.outcome === 'recorded')) this.begin();
    this.show(event);
    if (this.kept.length > MOST_KEPT) this.kept.splice(0, this.kept.length - MOST_KEPT);
    for (const listener of [...this.listeners]) listener();
  }

  private begin(): void {
    this.screen.clear();
    this.said = 0;
    this.shown = 0;
  }

  private show(event: TokenEvent): void {
    const { basis, attempt } = event;
    switch (event.kind) {
      case 'started':
        this.begin();
        return this.keep({ kind: 'started', basis, attempt, model: this.view.scrubText(event.model) });
      case 'delta': {
        if (event.offset !== this.said || this.screen.waiting > MOST_HELD) this.skip(event.offset);
        this.said = event.offset + event.text.length;
        return this.keepText(this.screen.add(event.text), true);
      }
      case 'ended':
        this.keepText(this.screen.rest(), false);
        return this.keep({ kind: 'ended', basis, attempt, outcome: event.outcome, ...(event.reason === undefined ? {} : { reason: event.reason }) });
    }
  }

  /** Something was lost, and with it what was held back: its end is not known. */
  private skip(offset: number): void {
    this.shown += this.screen.waiting + Math.max(0, offset - this.said);
    this.screen.clear();
  }

  private keepText(text: string, isPlace: boolean): void {
    if (text === '' || this.last === undefined) return;
    this.keep({ kind: 'delta', basis: this.last.basis, attempt: this.last.attempt, offset: this.shown, text }, isPlace);
    this.shown += text.length;
  }

  private keep(token: PublicToken, isPlace = true): void {
    if (this.last !== undefined) this.kept.push({ place: this.last, token, isPlace });
  }

  /** A step is shown once everything is known that the run had labelled secret when it was asked for; false while the log does not have it. */
  private async knowsSecretsOf(basis: number): Promise<boolean> {
    if (basis <= this.learned) return true;
    const history = await this.means.histories.find(this.key, basis);
    if (this.learned === 0) this.view.learnFrom(await freshView(this.means.histories, this.key, history));
    for (const { commit } of history.slice(this.learned)) {
      this.view.learn(commit);
      this.learned = commit.number;
    }
    return basis <= this.learned;
  }
}
