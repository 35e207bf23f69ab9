import { describe, expect, it } from '@jest/globals';
import type { Context } from '@cedar-policy/cedar-wasm/nodejs';
import { agent, bundleOf, payment, permitAll } from './accounts-payable.fixture.js';
import { evaluate, type Evaluation } from './evaluator.js';
import type { PolicyBundle } from './bundle.js';

const context: Context = {
  tenant: 'acme', taskType: 'com.example.invoice.received', environment: 'test', trustTier: 'supervised', requester: 'clerk', effect: 'keyed', approved: false, approver: '', approverRoles: [], amount: 5, risk: 10,
  input: payment as never, untrustedSinks: [], thirdPartySinks: [], unprovenSinks: [], untrustedTargets: [], secretContent: [], unasked: false, contentTrust: 'user', secrecy: 'internal', counters: { steps: 1, calls: 2, toolCalls: 1, toolAmount: 5 },
};

function ask(bundle: PolicyBundle, change: Partial<Record<string, unknown>> = {}): Evaluation {
  const contract = bundle.tools.get('pay_invoice')?.contract;
  if (contract === undefined) throw new Error('no such tool');
  return evaluate(bundle, { agent, version: agent.digest, tenant: 'acme', user: 'clerk', roles: [] }, contract, { ...context, ...change } as Context);
}
const other = { ...payment, invoiceNumber: 'INV-1' };

describe('what Cedar has said', () => {
  it('is used again where nothing that the policies read is different', () => {
    const bundle = bundleOf({ 'all.cedar': permitAll });
    const first = ask(bundle);
    expect(ask(bundle)).toBe(first);
    expect(ask(bundle, { input: other, counters: { steps: 9, calls: 9, toolCalls: 9, toolAmount: 9 } })).toBe(first);
    expect(ask(bundle, { amount: 6 })).not.toBe(first);
    expect(ask(bundleOf({ 'all.cedar': permitAll }))).not.toBe(first);
  });

  it.each([
    ['by a dot', 'context.input.invoiceNumber == "INV-2046"'], ['by an index', 'context["input"]["invoiceNumber"] == "INV-2046"'], ['by an escaped name', 'context["in\\u{70}ut"].invoiceNumber == "INV-2046"'],
    ['after a line break', 'context\n  .\n  input.invoiceNumber == "INV-2046"'], ['after a test', 'context has input && context.input.invoiceNumber == "INV-2046"'],
  ])('is asked anew for other arguments where a policy reads them %s', (_, condition) => {
    const bundle = bundleOf({ 'one.cedar': `permit (principal, action == Action::"pay_invoice", resource) when { ${condition} };` });
    expect([ask(bundle).allowed, ask(bundle, { input: other }).allowed, ask(bundle).allowed]).toEqual([true, false, true]);
  });

  it.each(['context.counters.toolCalls < 2', 'context["counters"]["toolCalls"] < 2', 'context has counters && context.counters.toolCalls < 2'])('is asked anew for other counters where a policy reads them: %s', (condition) => {
    const bundle = bundleOf({ 'one.cedar': `permit (principal, action, resource) when { ${condition} };` });
    const counted = (toolCalls: number): boolean => ask(bundle, { counters: { steps: 1, calls: 2, toolCalls, toolAmount: 5 } }).allowed;
    expect([counted(1), counted(2), counted(1)]).toEqual([true, false, true]);
  });

  it('is never what another bundle says, however many there are and whichever of them do not parse', () => {
    const limits = [10, 20, 30, 40, 50, 60];
    const bundles = limits.map((limit) => bundleOf({ 'one.cedar': `permit (principal, action, resource) when { context.amount < ${limit} };` }));
    const [first] = bundles;
    if (first === undefined) throw new Error('no bundles');
    const broken = (): PolicyBundle => ({ ...first, policies: new Map([...first.policies].map(([id, policy]) => [id, { ...policy, text: 'permit (' }])) });
    for (const inUse of [1, 2, 3, 4, 6]) {
      for (let round = 1; round < 5; round += 1) {
        for (const [at, bundle] of bundles.slice(0, inUse).entries()) {
          const limit = limits[at] ?? 0;
          // Other amounts each time, so that Cedar is asked and not what is remembered.
          const step = (inUse * 5 + round) / 8;
          expect([inUse, round, limit, ask(bundle, { amount: limit - Math.ceil(step) }).allowed, ask(bundle, { amount: limit + Math.ceil(step) }).allowed]).toEqual([inUse, round, limit, true, false]);
          if ((at + round) % 2 === 0) expect(ask(broken(), { amount: round }).error).toBeDefined();
        }
      }
    }
  });

  it('is not remembered when it was an error', () => {
    const bundle = bundleOf({ 'all.cedar': permitAll });
    expect(ask(bundle, { amount: 'much' }).error).toBeDefined();
    expect(ask(bundle, { amount: 'much' })).not.toBe(ask(bundle, { amount: 'much' }));
    expect(ask(bundle).allowed).toBe(true);
  });
});
