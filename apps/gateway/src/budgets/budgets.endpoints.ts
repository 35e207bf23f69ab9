import { z } from 'zod';
import { budgetUse, instant } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';

const sharedBudget = z.object({
  limit: z.string().describe('The limit\'s id in the deployment\'s rules.'),
  holder: z.string().describe('Whose budget it is: `user otto, tool pay_invoice`, or `all together`.'),
  from: instant.describe('When its window began.'),
  until: instant.describe('When its window ends, and all of it is there again.'),
  used: budgetUse,
  maxCalls: z.int().optional(), maxAmount: z.int().optional(), maxTokens: z.int().optional(), maxCostMicros: z.int().optional(),
});

export const budgetList = z.object({ budgets: z.array(sharedBudget), more: z.boolean().describe('True when there is more to read than is read at once.') });

export const listBudgets: Endpoint = {
  id: 'listBudgets', method: 'GET', path: '/v1/budgets', role: 'viewer', status: 200,
  summary: 'Budgets that runs share, with what is used of them in the present window; the most used first.',
  about: 'A budget of which nothing has been taken in its window is not listed. Limits are as the last call that drew upon the budget was judged by.',
  answer: { 'application/json': budgetList },
};
