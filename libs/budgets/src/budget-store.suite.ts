import { describe, expect, it } from '@jest/globals';
import { subjects, type BudgetDraw, type BudgetEntry } from '@holdfast/contracts';
import { BudgetBook, type Taking } from './budget-book.js';
import type { BudgetStore, StoredEntries } from './store.js';

let named = 0;
const use = { calls: 1, amount: 40, tokens: 0, costMicros: 0 };

/** A budget that no other test has. */
export function drawOf(more: Partial<BudgetDraw> = {}): BudgetDraw {
  named += 1;
  return { limit: 'daily', holder: 'user otto', account: `${Date.now().toString(16)}${named.toString(16)}`.padStart(64, '0'), windowSeconds: 86_400, ...more };
}

export function takingOf(draw: BudgetDraw, run: string, more: Partial<Taking> = {}): Taking {
  return { tenant: 'acme', draw, key: { run, taker: 'c1-1' }, head: 3, use, at: 1_000_000, ...more };
}

/** What every store of budgets promises, and what a book makes of it. */
export function describeBudgetStore(name: string, open: () => Promise<BudgetStore>): void {
  describe(name, () => {
    const noted = (draw: BudgetDraw, ...runs: readonly string[]): readonly BudgetEntry[] => runs.map((run) => ({ kind: 'taken', key: { run, taker: 'c1-1' }, head: 3, use, draw, at: 1 }));
    const runsOf = (messages: readonly StoredEntries[]): readonly string[] => messages.flatMap(({ entries }) => entries.map(({ key }) => key.run));

    it('appends after the entry that is expected and nothing else, and reads what came after a place', async () => {
      const store = await open();
      const draw = drawOf();
      const subject = subjects.budget('acme', draw.account, 7);
      const first = await store.append(subject, noted(draw, 'r1', 'r2'), 0, 60_000);
      if (first.status !== 'stored') throw new Error(first.status);
      expect(await store.append(subject, noted(draw, 'r3'), 0, 60_000)).toEqual({ status: 'conflict' });
      expect(await store.append(subject, noted(draw, 'r3'), first.sequence, 60_000)).toMatchObject({ status: 'stored' });
      expect(runsOf(await store.readAfter(subject, 0))).toEqual(['r1', 'r2', 'r3']);
      expect(runsOf(await store.readAfter(subject, first.sequence))).toEqual(['r3']);
      expect(await store.readAfter(subjects.budget('acme', draw.account, 8), 0)).toEqual([]);
    });

    it('gives no more than there is, however many processes take at once', async () => {
      const store = await open();
      const draw = drawOf({ maxAmount: 400, maxCalls: 100 });
      const books = Array.from({ length: 4 }, () => new BudgetBook(store));
      const answers = await Promise.all(Array.from({ length: 24 }, (_, at) => books[at % books.length]?.take(takingOf(draw, `r${at}`))));
      expect(answers.filter((answer) => answer === undefined)).toHaveLength(10);
      expect(answers.find((answer) => answer !== undefined)).toBe('It takes 40 of money in minor units, and of the 400 of the budget "daily" (user otto) 400 are taken until the day (UTC) ends.');
    });

    it('takes the same once, whoever asks again, and gives it back once', async () => {
      const store = await open();
      const draw = drawOf({ maxCalls: 1 });
      const [one, two] = [new BudgetBook(store), new BudgetBook(store)];
      expect(await one.take(takingOf(draw, 'r1'))).toBeUndefined();
      expect(await two.take(takingOf(draw, 'r1'))).toBeUndefined();
      expect(await two.take(takingOf(draw, 'r2'))).toContain('It takes 1 call');
      const hold = { account: draw.account, window: 0, windowSeconds: draw.windowSeconds };
      await two.giveBack('acme', hold, { run: 'r1', taker: 'c1-1' }, 4, 1);
      await one.giveBack('acme', hold, { run: 'r1', taker: 'c1-1' }, 4, 1);
      expect([await one.take(takingOf(draw, 'r2')), await one.take(takingOf(draw, 'r3'))]).toEqual([undefined, expect.stringContaining('1 are taken')]);
    });

    it('has every window, tenant and account by itself', async () => {
      const book = new BudgetBook(await open());
      const draw = drawOf({ maxCalls: 1 });
      const day = 86_400_000;
      expect([
        await book.take(takingOf(draw, 'r1')), await book.take(takingOf(draw, 'r2', { at: day - 1 })), await book.take(takingOf(draw, 'r2', { at: day })),
        await book.take(takingOf(draw, 'r3', { tenant: 'globex' })), await book.take(takingOf(drawOf({ maxCalls: 1 }), 'r4')),
      ].map((answer) => answer === undefined)).toEqual([true, false, true, true, true]);
    });
  });
}
