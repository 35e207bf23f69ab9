import { BudgetBook, BusBudgetStore } from '@holdfast/budgets';
import type { BudgetDraw } from '@holdfast/contracts';
import { createBareStreams } from '../floor/bare-streams.ts';
import { measurePublishes } from '../floor/publishes.ts';
import { startBrokerOnly } from '../installation/broker-only.ts';
import { TENANT } from '../installation/installation.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import type { Figure } from '../suite/figure.ts';
import { mean } from '../suite/statistics.ts';
import { mediansInTurn } from './parts/in-turn.ts';

const TAKES = 400;
const AT_ONCE = 64;
const BOOKS = 4;
const SLICES = 4;
const SLICE_SECONDS = 0.5;
/** About an entry with its subject and headers. */
const ENTRY_BYTES = 450;

const drawOf = (account: number): BudgetDraw => ({ limit: 'bench', holder: `user ${account}`, account: account.toString(16).padStart(64, '0'), windowSeconds: 31_536_000, maxCalls: 10_000_000 });

/** What it costs a call that it draws upon a budget that runs share: alone, many upon one budget, and many upon many, by one and by several orchestrators. */
export const sharedBudgets: Benchmark = {
  name: 'shared-budgets',
  about: 'what a call costs that draws upon a shared budget, over a bare durable publish; one budget, and many',
  limitSeconds: 60,
  async run(context) {
    const { scale } = context.options;
    const only = await startBrokerOnly(context, { partitions: 1, durability: 'power' });
    const books = await Promise.all(Array.from({ length: BOOKS }, async () => new BudgetBook(new BusBudgetStore(await only.bus('orchestrator')))));
    const bare = await createBareStreams(only.core, 1);
    let taken = 0;
    const take = async (book: number, account: number, run = `r${(taken += 1)}`): Promise<void> => {
      const refused = await (books[book] as BudgetBook).take({ tenant: TENANT, draw: drawOf(account), key: { run, taker: 'c1-1' }, head: 3, use: { calls: 1, amount: 0, tokens: 0, costMicros: 0 }, at: Date.now() });
      if (refused !== undefined) throw new Error(refused);
    };

    context.progress('takes one by one');
    const payload = new Uint8Array(ENTRY_BYTES).fill(97);
    const alone = await mediansInTurn(Math.ceil(TAKES * scale), {
      take: () => take(0, 1),
      again: () => take(0, 1, 'the same'),
      publish: (round) => only.core.request(bare.subject(0, `alone-${round}`), payload),
    });

    context.progress(`${AT_ONCE} takes at once`);
    const seconds = SLICE_SECONDS * Math.max(0.2, scale);
    const rate = async (books: number, accounts: number): Promise<number> => {
      const [started, before] = [performance.now(), taken];
      await Promise.all(Array.from({ length: AT_ONCE }, async (_, at) => {
        while (performance.now() - started < seconds * 1_000) await take(at % books, 100 + (at % accounts));
      }));
      return (taken - before) / ((performance.now() - started) / 1_000);
    };
    const rates: Record<'oneBook' | 'books' | 'many' | 'floor', number[]> = { oneBook: [], books: [], many: [], floor: [] };
    for (let slice = 0; slice < SLICES; slice += 1) {
      rates.floor.push(await measurePublishes(only.core, bare, ENTRY_BYTES, AT_ONCE, seconds));
      rates.oneBook.push(await rate(1, 1));
      rates.books.push(await rate(BOOKS, 1));
      rates.many.push(await rate(BOOKS, AT_ONCE));
    }
    await bare.remove();

    const floor = { floor: alone.publish, floorTitle: 'one bare durable publish' };
    const many = { floor: mean(rates.floor), floorTitle: `bare durable publishes, ${AT_ONCE} at once` };
    return [
      { id: 'take_ms', title: 'a call takes from a budget that it shares', value: alone.take, unit: 'ms', ...floor },
      { id: 'again_ms', title: 'the same call asks again', value: alone.again, unit: 'ms', ...floor },
      { id: 'one_budget_per_second', title: `taken a second from one budget, by one orchestrator`, value: mean(rates.oneBook), unit: '/s', ...many },
      { id: 'one_budget_four_orchestrators_per_second', title: `taken a second from one budget, by ${BOOKS} orchestrators`, value: mean(rates.books), unit: '/s', ...many },
      { id: 'many_budgets_per_second', title: `taken a second from ${AT_ONCE} budgets, by ${BOOKS} orchestrators`, value: mean(rates.many), unit: '/s', ...many },
    ] satisfies readonly Figure[];
  },
};
