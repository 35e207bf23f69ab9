import type { z } from 'zod';
import { BudgetAccount, decodeEntries } from '@holdfast/budgets';
import type { Bus } from '@holdfast/bus';
import { BUDGETS_STREAM, subjects } from '@holdfast/contracts';
import type { budgetList } from './budgets.endpoints.js';

type Listed = z.infer<typeof budgetList>;

const PAGE = 1_000;
/** Entries that are read for one answer at most. */
const MOST_ENTRIES = 100_000;

/** The budgets of a tenant in whose window `now` is, in milliseconds since the Unix epoch. Throws `bus.unavailable` (retryable). */
export async function sharedBudgets(bus: Pick<Bus, 'getBatch'>, tenant: string, now: number): Promise<Listed> {
  const accounts = new Map<string, BudgetAccount>();
  let [after, read, isWhole] = [0, 0, false];
  while (!isWhole && read < MOST_ENTRIES) {
    const page = await bus.getBatch(BUDGETS_STREAM, after + 1, PAGE, subjects.budgets(tenant));
    for (const { subject, data, sequence } of page) {
      const account = accounts.get(subject) ?? BudgetAccount.empty();
      accounts.set(subject, account.apply(decodeEntries(data, subject, sequence), sequence));
    }
    after = page.at(-1)?.sequence ?? after;
    read += page.length;
    isWhole = page.length < PAGE;
  }
  const budgets = [...accounts].flatMap(([subject, account]) => listed(account, Number(subject.split('.').at(-1)), now));
  return { budgets: budgets.sort((left, right) => shareOf(right) - shareOf(left)), more: !isWhole };
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
