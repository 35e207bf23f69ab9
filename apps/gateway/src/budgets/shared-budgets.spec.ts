import { describe, expect, it } from '@jest/globals';
import type { StoredMessage } from '@holdfast/bus';
import { subjects, type BudgetDraw, type BudgetEntry } from '@holdfast/contracts';
import { sharedBudgets } from './shared-budgets.js';

const HOUR = 3_600_000;
const draw = (more: Partial<BudgetDraw> = {}): BudgetDraw => ({ limit: 'hourly', holder: 'user otto', account: 'a'.repeat(64), windowSeconds: 3_600, maxCalls: 4, ...more });
const entry = (run: string, of: BudgetDraw = draw()): BudgetEntry => ({ kind: 'taken', key: { run, taker: 'c1-1' }, head: 3, use: { calls: 1, amount: 7, tokens: 0, costMicros: 0 }, draw: of, at: 1 });

function bus(...entries: readonly (readonly [window: number, entry: BudgetEntry])[]) {
  const messages = entries.map(([window, one], at): StoredMessage => ({ subject: subjects.budget('acme', one.kind === 'taken' ? one.draw.account : 'a'.repeat(64), window), sequence: at + 1, data: new TextEncoder().encode(JSON.stringify([one])), header: () => undefined }));
  return { getBatch: async (_stream: string, from: number, batch: number) => messages.filter(({ sequence }) => sequence >= from).slice(0, batch) };
}

describe('the shared budgets of a tenant', () => {
  it('are those of the present window, with what is used, the most used first', async () => {
    const other = draw({ limit: 'all', account: 'b'.repeat(64), maxCalls: 2 });
    const found = await sharedBudgets(bus([0, entry('r0')], [1, entry('r1')], [1, entry('r2', other)], [1, entry('r3')], [1, { kind: 'given-back', key: { run: 'r3', taker: 'c1-1' }, before: 9, at: 2 }]), 'acme', HOUR + 5);

    expect(found).toEqual({
      more: false,
      budgets: [
        { limit: 'all', holder: 'user otto', from: HOUR, until: 2 * HOUR, used: { calls: 1, amount: 7, tokens: 0, costMicros: 0 }, maxCalls: 2 },
        { limit: 'hourly', holder: 'user otto', from: HOUR, until: 2 * HOUR, used: { calls: 1, amount: 7, tokens: 0, costMicros: 0 }, maxCalls: 4 },
      ],
    });
  });

  it('are read page by page', async () => {
    const { budgets: [budget] } = await sharedBudgets(bus(...Array.from({ length: 2_500 }, (_, at) => [1, entry(`r${at}`)] as const)), 'acme', HOUR);
    expect(budget?.used.calls).toBe(2_500);
  });
});
