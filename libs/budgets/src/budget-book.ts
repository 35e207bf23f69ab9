import { HoldfastError, subjects, windowAt, type BudgetDraw, type BudgetEntry, type BudgetHold, type BudgetKey, type BudgetUse } from '@holdfast/contracts';
import { BudgetAccount } from './account.js';
import type { BudgetStore } from './store.js';

/** Windows that are remembered; those that were used longest ago are read again when they are needed. */
const REMEMBERED = 2_000;
/** A race for an account's next entry is lost at most this often before the caller is asked to try again. */
const MAXIMUM_RACES = 64;
const LONGEST_PAUSE_MS = 64;
/** Askers whose entries are noted by one message at most. */
const MOST_AT_ONCE = 64;

/** How much longer an entry is kept than its window lasts, so that a clock that is behind still finds it; in milliseconds. */
const KEPT_LONGER_MS = 3_600_000;

export interface Taking {
  readonly tenant: string;
  readonly draw: BudgetDraw;
  readonly key: BudgetKey;
  /** The run's last commit when this was decided. */
  readonly head: number;
  readonly use: BudgetUse;
  /** Milliseconds since the Unix epoch; the commit that sends the call has the same. */
  readonly at: number;
}

/** What an account's state amounts to for one asker: an entry that it wants next, if any, and what the asker is told. */
interface Step {
  readonly entry?: BudgetEntry;
  readonly answer?: string | undefined;
}

/** Somebody who waits for a turn at an account. */
interface Asker {
  readonly decide: (account: BudgetAccount) => Step;
  readonly windowSeconds: number;
  readonly resolve: (answer: string | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The budgets that runs share. What is taken is durable before the call that takes it is sent, and many takers at once never take more
 * than there is: each window of an account is a chain of entries, of which each names the one that it follows.
 */
export class BudgetBook {
  private readonly known = new Map<string, BudgetAccount>();
  /** Who waits for each account that somebody of this process is working on, so that it does not race with itself. */
  private readonly waiting = new Map<string, Asker[]>();

  /** `chance` answers numbers from 0 to below 1. */
  constructor(private readonly store: BudgetStore, private readonly chance: () => number = () => Math.random()) {}

  /** Undefined when it is taken, else why there is not enough left. Taking the same again changes nothing. Throws a retryable HoldfastError when it is not known. */
  take(taking: Taking): Promise<string | undefined> {
    return this.note(taking, false);
  }

  /** Takes what has been used already, whatever is left. The answer says how that is too much, if it is. Throws like {@link take}. */
  charge(taking: Taking): Promise<string | undefined> {
    return this.note(taking, true);
  }

  /** Gives back what was taken before the commit of this number: the call has certainly done nothing. Throws like {@link take}. */
  async giveBack(tenant: string, { account, window, windowSeconds }: BudgetHold, key: BudgetKey, before: number, at: number): Promise<void> {
    await this.step(subjects.budget(tenant, account, window), windowSeconds, (known) => (known.canGiveBack(key, before) ? { entry: { kind: 'given-back', key, before, at } } : {}));
  }

  private note({ tenant, draw, key, head, use, at }: Taking, isUsed: boolean): Promise<string | undefined> {
    return this.step(subjects.budget(tenant, draw.account, windowAt(draw.windowSeconds, at)), draw.windowSeconds, (account) => {
      const over = account.shortfall(draw, key, use);
      if (account.hasTaken(key, head)) return { answer: isUsed ? over : undefined };
      return over !== undefined && !isUsed ? { answer: over } : { entry: { kind: 'taken', key, head, use, draw, at }, answer: over };
    });
  }

  private step(subject: string, windowSeconds: number, decide: (account: BudgetAccount) => Step): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const asker: Asker = { decide, windowSeconds, resolve, reject };
      const line = this.waiting.get(subject);
      if (line !== undefined) line.push(asker);
      else void this.serve(subject, asker);
    });
  }

  private async serve(subject: string, first: Asker): Promise<void> {
    const line = [first];
    this.waiting.set(subject, line);
    while (line.length > 0) {
      const askers = line.splice(0, MOST_AT_ONCE);
      try {
        const answers = await this.race(subject, askers);
        askers.forEach(({ resolve }, at) => resolve(answers[at]));
      } catch (error) {
        for (const { reject } of askers) reject(error);
      }
    }
    this.waiting.delete(subject);
  }

  private async race(subject: string, askers: readonly Asker[]): Promise<readonly (string | undefined)[]> {
    const account = this.account(subject);
    const ttlMs = Math.max(...askers.map(({ windowSeconds }) => windowSeconds)) * 1_000 + KEPT_LONGER_MS;
    // What is remembered may be old, and then answers without an entry are checked once against what is stored.
    let isFresh = false;
    for (let race = 0; race < MAXIMUM_RACES; race += 1) {
      const tried = account.tentative();
      const steps = askers.map(({ decide }) => {
        const step = decide(tried);
        if (step.entry !== undefined) tried.add(step.entry);
        return step;
      });
      const entries = steps.flatMap(({ entry }) => entry ?? []);
      const answers = steps.map(({ answer }) => answer);
      // Nobody is refused by what this process alone remembers.
      if (!isFresh && steps.some(({ entry }) => entry === undefined)) {
        await this.refresh(subject, account);
        isFresh = true;
        continue;
      }
      if (entries.length === 0) return answers;
      const appended = await this.store.append(subject, entries, account.sequence, ttlMs);
      if (appended.status === 'unknown') throw unavailable(appended.reason);
      if (appended.status === 'stored') {
        account.apply(entries, appended.sequence);
        return answers;
      }
      // Whoever waits a moment lets the winner go on, instead of losing to it again and again.
      if (race > 0) await new Promise((resolve) => setTimeout(resolve, this.chance() * Math.min(LONGEST_PAUSE_MS, 2 ** race)));
      await this.refresh(subject, account);
      isFresh = true;
    }
    throw unavailable('others kept taking from the same budget');
  }

  private async refresh(subject: string, account: BudgetAccount): Promise<void> {
    for (const stored of await this.store.readAfter(subject, account.sequence)) account.apply(stored.entries, stored.sequence);
  }

  private account(subject: string): BudgetAccount {
    const account = this.known.get(subject) ?? BudgetAccount.empty();
    this.known.delete(subject);
    this.known.set(subject, account);
    const oldest = this.known.size > REMEMBERED ? this.known.keys().next().value : undefined;
    if (oldest !== undefined) this.known.delete(oldest);
    return account;
  }
}

function unavailable(reason: string): HoldfastError {
  return new HoldfastError({ code: 'budget.unavailable', message: `Whether the budget allows it is not known: ${reason}.`, retryable: true, remedy: 'Ask again; nothing is sent meanwhile. If it lasts, check the broker and the stream BUDGETS.' });
}
