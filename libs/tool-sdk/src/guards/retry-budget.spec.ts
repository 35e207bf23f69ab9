import { describe, expect, it } from '@jest/globals';
import { RetryBudget } from './retry-budget.js';

describe('the budget of retries', () => {
  const most = (budget: RetryBudget): number => {
    let made = 0;
    while (budget.withdraw()) made += 1;
    return made;
  };

  it('lets a quiet tool retry ten times a second, counted over ten seconds', () => {
    expect(most(new RetryBudget(() => 0))).toBe(100);
  });

  it('grows by one retry for every five calls', () => {
    const budget = new RetryBudget(() => 0);
    for (let call = 0; call < 500; call += 1) budget.deposit();

    expect(most(budget)).toBe(200);
  });

  it('forgets what is ten seconds old', () => {
    let now = 0;
    const budget = new RetryBudget(() => now);
    most(budget);
    now = 9_999;
    expect(budget.withdraw()).toBe(false);
    now = 10_000;
    expect(most(budget)).toBe(100);
  });
});
