import type { BudgetDraw, BudgetEntry, BudgetKey, BudgetUse } from '@holdfast/contracts';

interface Taken {
  readonly head: number;
  readonly use: BudgetUse;
}

/**
 * One window of an account, folded from its entries in order. Messages that are applied again change nothing, and of each
 * key only the last thing counts: what it has taken, or that it gave it back.
 */
export class BudgetAccount {
  /** The stream's sequence of the last message; 0 while there is none. */
  sequence: number;
  readonly used: { calls: number; amount: number; tokens: number; costMicros: number };
  /** As the last taker was told; absent while nobody has taken anything. */
  draw: BudgetDraw | undefined;
  /** Undefined for what was given back. */
  private readonly taken = new Map<string, Taken | undefined>();

  private constructor(private readonly base?: BudgetAccount) {
    this.sequence = base?.sequence ?? 0;
    this.used = { ...(base?.used ?? { calls: 0, amount: 0, tokens: 0, costMicros: 0 }) };
    this.draw = base?.draw;
  }

  static empty(): BudgetAccount {
    return new BudgetAccount();
  }

  /** The same account, to try out what would follow: nothing that is added to it changes this one. */
  tentative(): BudgetAccount {
    return new BudgetAccount(this);
  }

  apply(entries: readonly BudgetEntry[], sequence: number): this {
    if (sequence <= this.sequence) return this;
    this.sequence = sequence;
    for (const entry of entries) this.add(entry);
    return this;
  }

  add(entry: BudgetEntry): void {
    const name = nameOf(entry.key);
    const before = this.of(name);
    if (entry.kind === 'given-back') {
      if (before === undefined || before.head >= entry.before) return;
      this.count(before.use, -1);
      this.taken.set(name, undefined);
      return;
    }
    if (before !== undefined) this.count(before.use, -1);
    this.count(entry.use, 1);
    this.taken.set(name, { head: Math.max(entry.head, before?.head ?? 0), use: entry.use });
    this.draw = entry.draw;
  }

  /** Whether this very thing has been taken, by this commit or a later one. */
  hasTaken(key: BudgetKey, head: number): boolean {
    return (this.of(nameOf(key))?.head ?? -1) >= head;
  }

  /** Whether there is something to give back that was taken before that commit. */
  canGiveBack(key: BudgetKey, before: number): boolean {
    return (this.of(nameOf(key))?.head ?? Infinity) < before;
  }

  /** Why there is not enough left for it, for the model and for people; undefined where there is. */
  shortfall({ limit, holder, windowSeconds, maxCalls, maxAmount, maxTokens, maxCostMicros }: BudgetDraw, key: BudgetKey, use: BudgetUse): string | undefined {
    const own = this.of(nameOf(key))?.use;
    const over = (what: string, max: number | undefined, of: keyof BudgetUse): string | undefined => {
      const used = this.used[of] - (own?.[of] ?? 0);
      if (max === undefined || use[of] === 0 || used + use[of] <= max) return undefined;
      return `It takes ${use[of]} ${what}, and of the ${max} of the budget "${limit}" (${holder}) ${used} are taken until ${endOf(windowSeconds)} ends.`;
    };
    return over(use.calls === 1 ? 'call' : 'calls', maxCalls, 'calls') ?? over('of money in minor units', maxAmount, 'amount') ?? over('tokens', maxTokens, 'tokens') ?? over('of money for models in millionths', maxCostMicros, 'costMicros');
  }

  private of(name: string): Taken | undefined {
    return this.taken.has(name) ? this.taken.get(name) : this.base?.of(name);
  }

  private count(use: BudgetUse, sign: 1 | -1): void {
    this.used.calls += sign * use.calls;
    this.used.amount += sign * use.amount;
    this.used.tokens += sign * use.tokens;
    this.used.costMicros += sign * use.costMicros;
  }
}

const nameOf = ({ run, taker }: BudgetKey): string => `${run}/${taker}`;

function endOf(seconds: number): string {
  return seconds === 86_400 ? 'the day (UTC)' : seconds === 3_600 ? 'the hour' : `the present window of ${seconds} s`;
}
