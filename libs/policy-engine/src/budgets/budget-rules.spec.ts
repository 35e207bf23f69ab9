import { describe, expect, it } from '@jest/globals';
import { HoldfastError } from '@holdfast/contracts';
import { agent, bundleOf, catalog, permitAll } from '../authorization/accounts-payable.fixture.js';
import { authorizeCall } from '../authorization/authorize-call.js';
import { loadBundle } from '../authorization/bundle.js';
import { OriginIndex } from '../origins/origin-index.js';
import { tokenDrawsOf } from './draws.js';

const tools = catalog.tools.map((tool) => (tool.name === 'pay_invoice' ? { ...tool, amountArgument: 'amountCents' } : tool));
const bundleWith = (limits: unknown, policy = permitAll) => loadBundle({ policies: { 'all.cedar': policy, 'budgets.json': typeof limits === 'string' ? limits : JSON.stringify({ limits }) }, catalog: { ...catalog, tools }, environment: 'test' });
const day = { windowSeconds: 86_400 };

describe('the rules on budgets', () => {
  it.each([
    ['is no JSON', '{', 'it is not JSON'],
    ['has a member that nobody knows', [{ id: 'a', ...day, maxCalls: 1, perUser: true }], 'limits.0'],
    ['limits nothing', [{ id: 'a', ...day }], 'limits nothing'],
    ['has two limits of one id', [{ id: 'a', ...day, maxCalls: 1 }, { id: 'a', ...day, maxCalls: 2 }], 'another has the same id'],
    ['names a tool that there is not', [{ id: 'a', ...day, maxCalls: 1, tools: ['pay_invoyce'] }], 'has no "pay_invoyce"'],
    ['names an agent that there is not', [{ id: 'a', ...day, maxCalls: 1, agents: ['nobody'] }], 'has no "nobody"'],
    ['limits the tokens of a tool', [{ id: 'a', ...day, maxTokens: 1, per: ['tool'] }], 'tokens are used by models'],
    ['adds up money of all tools', [{ id: 'a', ...day, maxAmount: 1 }], 'needs "tools"'],
    ['limits the money of a tool that tells none', [{ id: 'a', ...day, maxAmount: 1, tools: ['get_purchase_order'] }], 'has no amountArgument'],
  ])('are refused where the file %s', (_, limits, message) => {
    let refusal: unknown;
    try {
      bundleWith(limits);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(HoldfastError);
    expect(refusal).toMatchObject({ code: 'policy.bad-budgets', retryable: false, message: expect.stringContaining(message) });
  });

  it('are in the digest', () => {
    expect(new Set([bundleOf({ 'all.cedar': permitAll }).digest, bundleWith([{ id: 'a', ...day, maxCalls: 1 }]).digest, bundleWith([{ id: 'a', ...day, maxCalls: 2 }]).digest]).size).toBe(3);
  });
});

describe('what a call draws upon', () => {
  const drawn = (limits: unknown, { tool = 'get_purchase_order', requester = 'otto', roles = [] as string[], tenant = 'acme' } = {}) => {
    const judged = authorizeCall(bundleWith(limits), { call: { callId: 'c', requestId: 'r', tool, arguments: { poNumber: 'PO-1' } }, agent, tenant, task: { type: 'com.example.invoice.received', requester, requesterRoles: roles }, environment: 'test', index: OriginIndex.of([]) });
    return judged.draws ?? [];
  };

  it('is what the rules mean it to, one account for each that "per" names', () => {
    const limits = [{ id: 'all', ...day, maxCalls: 9 }, { id: 'person', ...day, per: ['user', 'tool'], maxCalls: 3 }, { id: 'payments', ...day, tools: ['pay_invoice'], maxAmount: 5 }, { id: 'interns', ...day, roles: ['intern'], maxCalls: 1 }, { id: 'thought', ...day, maxTokens: 5 }];
    expect(drawn(limits).map(({ limit, holder, maxCalls }) => [limit, holder, maxCalls])).toEqual([['all', 'all together', 9], ['person', 'user otto, tool get_purchase_order', 3]]);
    expect(drawn(limits, { roles: ['intern'] }).map(({ limit }) => limit)).toEqual(['all', 'person', 'interns']);
    const accounts = (asked: Parameters<typeof drawn>[1]) => drawn(limits, asked).map(({ account }) => account);
    const [all, person] = accounts({});
    expect(accounts({ requester: 'emma' })[0]).toBe(all);
    expect(accounts({ requester: 'emma' })[1]).not.toBe(person);
    expect(accounts({ tenant: 'globex' }).filter((account) => account === all || account === person)).toEqual([]);
  });

  it('is nothing for a call that is not allowed', () => {
    const judged = authorizeCall(bundleWith([{ id: 'all', ...day, maxCalls: 9 }], ''), { call: { callId: 'c', requestId: 'r', tool: 'get_purchase_order', arguments: { poNumber: 'PO-1' } }, agent, tenant: 'acme', task: { type: 't', requester: 'otto' }, environment: 'test', index: OriginIndex.of([]) });
    expect([judged.outcome, judged.draws]).toEqual(['deny', undefined]);
  });

  it('of tokens is drawn upon by the model alone', () => {
    const { budgets } = bundleWith([{ id: 'thought', ...day, per: ['user'], maxTokens: 5 }, { id: 'calls', ...day, maxCalls: 1 }]);
    expect(tokenDrawsOf(budgets, { tenant: 'acme', agent: agent.name, task: { requester: 'otto' } }).map(({ limit, holder, maxTokens }) => [limit, holder, maxTokens])).toEqual([['thought', 'user otto', 5]]);
  });
});
