import type { z } from 'zod';
import { BudgetAccount, decodeEntries } from '@holdfast/budgets';
import { storedAfter, type Bus } from '@holdfast/bus';
import { BUDGETS_STREAM, subjects } from '@holdfast/contracts';
import type { budgetList } from './budgets.endpoints.js';

type Listed = z.infer<typeof budgetList>;

/** Messages that are read for one answer at most. */
const MOST_MESSAGES = 100_000;

/** The budgets of a tenant in whose window `now` is, in milliseconds since the Unix epoch. Throws `bus.unavailable` (retryable). */
export async function sharedBudgets(bus: Pick<Bus, 'getBatch'>, tenant: string, now: number): Promise<Listed> {
  const accounts = new Map<string, BudgetAccount>();
  let read = 0;
  for await (const { subject, data, sequence } of storedAfter(bus, BUDGETS_STREAM, 0, subjects.budgets(tenant))) {
    const account = accounts.get(subject) ?? BudgetAccount.empty();
    accounts.set(subject, account.apply(decodeEntries(data, subject, sequence), sequence));
    read += 1;
    if (read === MOST_MESSAGES) break;
  }
  const budgets = [...accounts].flatMap(([subject, account]) => listed(account, Number(subject.split('.').at(-1)), now));
  return { budgets: budgets.sort((left, right) => shareOf(right) - shareOf(left)), more: read === MOST_MESSAGES };
}

function listed({ draw, used }: BudgetAccount, window: number, now: number): Listed['budgets'] {
  if (draw === undefined) return [];
  const { limit, holder, windowSeconds, maxCalls, maxAmount, maxTokens, maxCostMicros } = draw;
  const [from, until] = [window * windowSeconds * 1_000, (window + 1) * windowSeconds * 1_000];
  return now < from || now >= until ? [] : [{ limit, holder, from, until, used: { ...used }, ...(maxCalls === undefined ? {} : { maxCalls }), ...(maxAmount === undefined ? {} : { maxAmount }), ...(maxTokens === undefined ? {} : { maxTokens }), ...(maxCostMicros === undefined ? {} : { maxCostMicros }) }];
}

/** The part of a budget that is used, by whichever of its limits is nearest. */
function shareOf({ used, maxCalls, maxAmount, maxTokens, maxCostMicros }: Listed['budgets'][number]): number {
  const part = (most: number | undefined, of: number): number => (most === undefined ? 0 : most === 0 ? Infinity : of / most);
  return Math.max(part(maxCalls, used.calls), part(maxAmount, used.amount), part(maxTokens, used.tokens), part(maxCostMicros, used.costMicros));
}
