import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { subjects, windowAt } from '@holdfast/contracts';
import { BudgetAccount } from './account.js';
import { BudgetBook } from './budget-book.js';
import { describeBudgetStore, drawOf, takingOf } from './budget-store.suite.js';
import { MemoryBudgetStore } from './memory-budget-store.js';
import type { AppendedEntries, BudgetStore } from './store.js';

describeBudgetStore('the store in memory', async () => new MemoryBudgetStore());

/** A broker whose answers go missing: what it was told may be stored or not. */
class Unsure implements BudgetStore {
  constructor(private readonly inner: BudgetStore, private readonly next: () => 'fine' | 'lost' | 'unanswered') {}
  readAfter(subject: string, sequence: number) { return this.inner.readAfter(subject, sequence); }
  async append(...args: Parameters<BudgetStore['append']>): Promise<AppendedEntries> {
    const fate = this.next();
    if (fate === 'lost') return { status: 'unknown', reason: 'no answer' };
    const answer = await this.inner.append(...args);
    return fate === 'fine' ? answer : { status: 'unknown', reason: 'no answer' };
  }
}

describe('a book of budgets', () => {
  it('throws a retryable error where it cannot know, and asking again takes it once', async () => {
    const fates: ('fine' | 'lost' | 'unanswered')[] = ['unanswered', 'fine', 'lost'];
    const store = new MemoryBudgetStore();
    const book = new BudgetBook(new Unsure(store, () => fates.shift() ?? 'fine'));
    const draw = drawOf({ maxCalls: 2 });
    await expect(book.take(takingOf(draw, 'r1'))).rejects.toMatchObject({ code: 'budget.unavailable', retryable: true });
    expect(await book.take(takingOf(draw, 'r1'))).toBeUndefined();
    await expect(book.take(takingOf(draw, 'r2'))).rejects.toMatchObject({ code: 'budget.unavailable' });
    expect(await book.take(takingOf(draw, 'r2'))).toBeUndefined();
    expect(await book.take(takingOf(draw, 'r3'))).toContain('2 are taken');
  });

  it('takes what is used already whatever is left, once, and says that it is too much', async () => {
    const book = new BudgetBook(new MemoryBudgetStore());
    const draw = drawOf({ maxTokens: 100 });
    const tokens = (run: string, count: number) => book.charge(takingOf(draw, run, { use: { calls: 0, amount: 0, tokens: count, costMicros: 0 } }));
    expect([await tokens('r1', 100), await tokens('r1', 100), await tokens('r2', 1)]).toEqual([undefined, undefined, expect.stringContaining('It takes 1 tokens, and of the 100')]);
    expect(await tokens('r3', 1)).toContain('101 are taken');
  });

  it('takes anew for a call that is sent anew, and what comes late from before gives nothing of that back', async () => {
    const book = new BudgetBook(new MemoryBudgetStore());
    const draw = drawOf({ maxCalls: 1 });
    const hold = { account: draw.account, window: windowAt(draw.windowSeconds, 1_000_000), windowSeconds: draw.windowSeconds };
    await book.take(takingOf(draw, 'r1', { head: 3 }));
    await book.take(takingOf(draw, 'r1', { head: 7 }));
    await book.giveBack('acme', hold, { run: 'r1', taker: 'c1-1' }, 4, 1);
    expect(await book.take(takingOf(draw, 'r2'))).toContain('1 are taken');
    await book.giveBack('acme', hold, { run: 'r1', taker: 'c1-1' }, 8, 1);
    expect(await book.take(takingOf(draw, 'r2'))).toBeUndefined();
  });

  it('never gives more than there is, whatever is lost, repeated, given back and done at once', async () => {
    const step = fc.record({ run: fc.integer({ min: 0, max: 9 }), book: fc.integer({ min: 0, max: 2 }), amount: fc.integer({ min: 0, max: 60 }), fate: fc.constantFrom<'fine' | 'lost' | 'unanswered'>('fine', 'fine', 'fine', 'lost', 'unanswered'), kind: fc.constantFrom<'take' | 'giveBack'>('take', 'take', 'take', 'giveBack') });
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const fates = steps.map(({ fate }) => fate);
      const store = new MemoryBudgetStore();
      const books = Array.from({ length: 3 }, () => new BudgetBook(new Unsure(store, () => fates.shift() ?? 'fine')));
      const draw = drawOf({ maxAmount: 100 });
      const hold = { account: draw.account, window: 0, windowSeconds: draw.windowSeconds };
      const granted = new Set<string>();
      await Promise.all(steps.map(async ({ run, book, amount, kind }) => {
        const [mine, key] = [books[book] as BudgetBook, { run: `r${run}`, taker: 'c1-1' }];
        if (kind === 'giveBack') return mine.giveBack('acme', hold, key, 4, 1).catch(() => undefined);
        const answer = await mine.take(takingOf(draw, key.run, { use: { calls: 1, amount, tokens: 0, costMicros: 0 } })).catch(() => 'unknown');
        return answer === undefined ? granted.add(key.run) : undefined;
      }));
      const account = BudgetAccount.empty();
      const taken = new Set<string>();
      for (const { entries, sequence } of await store.readAfter(subjects.budget('acme', draw.account, 0), 0)) {
        account.apply(entries, sequence);
        for (const { kind, key } of entries) if (kind === 'taken') taken.add(key.run);
        expect(account.used.amount).toBeLessThanOrEqual(100);
      }
      // Nobody is told that it has what is not on record.
      expect([...granted].filter((run) => !taken.has(run))).toEqual([]);
    }), { numRuns: 200 });
  });
});
