import { describe, expect, it } from '@jest/globals';
import { HoldfastError, type ToolContract } from '@holdfast/contracts';
import { agent, bundleOf, catalog, permitAll } from './accounts-payable.fixture.js';
import { loadBundle } from './bundle.js';
import { inputTypeOf } from './input-types.js';
import { OriginIndex } from '../origins/origin-index.js';
import { authorizeCall } from './authorize-call.js';
import { visibleTools } from './visible-tools.js';

function refusal(policies: Record<string, string>): HoldfastError {
  try {
    bundleOf(policies);
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error('the bundle was accepted');
}

describe('a bundle', () => {
  it.each([
    ['a syntax error', '// é\n\npermit (principal, action resource);', 'policy.bad-file', 'p.cedar:3:'],
    ['an attribute that no context has', 'permit (principal, action, resource)\nwhen { context.amuont > 1 };', 'policy.bad-file', 'p.cedar:2:'],
    ['an argument that not every tool has', 'permit (principal, action, resource)\nwhen {\n  context.input.iban == "x" };', 'policy.bad-file', 'p.cedar:3:'],
    ['a tool that is not declared', '\npermit (principal, action == Action::"pay", resource);', 'policy.bad-file', 'p.cedar:2:'],
    ['a comparison of unlike types', 'permit (principal, action, resource) when { context.amount == "1" };', 'policy.bad-file', 'p.cedar:1:'],
    ['a template', 'permit (principal == ?principal, action, resource);', 'policy.bad-file', 'includes a template'],
    ['an id of the engine', '@id("holdfast.third-party-sink")\npermit (principal, action, resource);', 'policy.duplicate-id', 'reserved'],
    ['the same id twice', '@id("x")\npermit (principal, action, resource);\n@id("x")\nforbid (principal, action, resource);', 'policy.duplicate-id', 'p.cedar:3'],
  ])('is refused for %s, naming file and line', (_, text, code, words) => {
    const error = refusal({ 'p.cedar': text });

    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
  });

  it('is refused for a file that would hide the engine\'s own', () => {
    expect(refusal({ 'holdfast:base.cedar': permitAll }).code).toBe('policy.file-name');
  });

  it('has typed arguments for the tool that a policy names', () => {
    expect(() => bundleOf({ 'p.cedar': 'permit (principal, action == Action::"pay_invoice", resource) when { context.input.currency == "EUR" && context.input.amountCents > 1 };' })).not.toThrow();
  });

  it('has a digest that changes with any file and any contract, and with nothing else', () => {
    const digest = bundleOf({ 'a.cedar': permitAll, 'b.cedar': '' }).digest;
    const [first, ...others] = catalog.tools;
    if (first === undefined) throw new Error('no tools');

    expect(bundleOf({ 'b.cedar': '', 'a.cedar': permitAll }).digest).toBe(digest);
    expect(bundleOf({ 'a.cedar': `${permitAll} `, 'b.cedar': '' }).digest).not.toBe(digest);
    expect(bundleOf({ 'a.cedar': permitAll, 'b.cedar': '', 'approvals.json': '{ "risk": { "approve": 20 } }' }).digest).not.toBe(digest);
    expect(loadBundle({ policies: { 'a.cedar': permitAll, 'b.cedar': '' }, catalog: { ...catalog, tools: [{ ...first, digest: 'd'.repeat(64) }, ...others] } }).digest).not.toBe(digest);
  });
});

describe('the schema of a deployment', () => {
  const shop: ToolContract = {
    ...(catalog.tools[0] as ToolContract), name: 'place_order',
    input: { type: 'object', required: ['lines'], properties: { lines: { type: 'array', items: { type: 'object', required: ['sku', 'count'], properties: { sku: { type: 'string' }, count: { type: 'integer' }, price: { type: 'number' }, __entity: { type: 'string' } } } }, ship: { type: 'object', properties: { express: { type: 'boolean' }, to: { type: 'object', properties: { city: { enum: ['Bonn', 'Köln'] } } } } }, notes: { type: 'array', items: { type: 'string' } } } },
  };
  const own = { ...agent, tools: ['place_order'] };
  const place = (policies: string, args: Record<string, unknown>, more: Partial<Parameters<typeof authorizeCall>[1]> = {}): string => authorizeCall(loadBundle({ policies: { 'p.cedar': policies }, catalog: { agents: [own], tools: [{ ...shop, effect: 'read' }] } }), {
    call: { callId: 'c', requestId: 'r', tool: 'place_order', arguments: args }, agent: own, tenant: 'acme', environment: 'test', index: OriginIndex.of([]), task: { type: 't', requester: 'clerk', requesterRoles: ['buyer'] }, ...more,
  }).outcome;

  it('has what Cedar can hold of the arguments as context.input, nested as they are, and nothing that Cedar reads otherwise', () => {
    expect(inputTypeOf(shop)).toEqual({
      type: 'Record', attributes: {
        lines: { type: 'Set', required: true, element: { type: 'Record', attributes: { sku: { type: 'String', required: true }, count: { type: 'Long', required: true } } } },
        ship: { type: 'Record', required: false, attributes: { express: { type: 'Boolean', required: false }, to: { type: 'Record', required: false, attributes: { city: { type: 'String', required: false } } } } },
        notes: { type: 'Set', element: { type: 'String' }, required: false },
      },
    });
    const express = 'permit (principal, action == Action::"place_order", resource) when { context.input has ship && context.input.ship has to && context.input.ship.to has city && context.input.ship.to.city == "Bonn" && context.input.lines.contains({ sku: "A", count: 2 }) };';
    const lines = [{ sku: 'A', count: 2, price: 1.5, __entity: 'x' }];
    expect([place(express, { lines, ship: { to: { city: 'Bonn' } } }), place(express, { lines, ship: { to: { city: 'Köln' } } }), place(express, { lines })]).toEqual(['allow', 'deny', 'deny']);
    expect(refusal({ 'p.cedar': 'permit (principal, action, resource) when { context.input.lines.isEmpty() };' }).code).toBe('policy.bad-file');
  });

  it('has the user for whom an agent acts, with roles, and the version with which the run was accepted', () => {
    const byRole = (role: string): string => `permit (principal, action, resource) when { principal.actsFor in Role::"${role}" };`;
    const byUser = (id: string): string => place(`permit (principal, action, resource) when { principal.actsFor == User::"${id}" };`, { lines: [] });
    expect([place(byRole('buyer'), { lines: [] }), place(byRole('admin'), { lines: [] }), byUser('acme/clerk'), byUser('other/clerk'), byUser('clerk')]).toEqual(['allow', 'deny', 'allow', 'deny', 'deny']);
    const version = `permit (principal, action, resource) when { principal.version == "${'e'.repeat(64)}" };`;
    expect([place(version, { lines: [] }), place(version, { lines: [] }, { agentVersion: 'e'.repeat(64) })]).toEqual(['deny', 'allow']);
    const bundle = bundleOf({ 'p.cedar': byRole('buyer') });
    const see = (roles: readonly string[]): number => visibleTools(bundle, { agent, tenant: 'acme', user: 'clerk', roles, taskType: 't', environment: 'test' }).length;
    expect([see(['buyer']), see([])]).toEqual([agent.tools.length, 0]);
  });
});

describe('visible tools', () => {
  const see = (policies: string, taskType = 'com.example.invoice.received', tier: typeof agent.trustTier = 'supervised') =>
    visibleTools(bundleOf({ 'p.cedar': policies }), { agent: { ...agent, trustTier: tier }, tenant: 'acme', user: 'clerk', taskType, environment: 'production' });

  it('are those of the agent that some call could be allowed or asked about', () => {
    expect(see('permit (principal, action == Action::"pay_invoice", resource) when { context.amount < 5 && context.approved };')).toEqual(['pay_invoice']);
    expect(see(permitAll)).toEqual(agent.tools);
    expect(see('')).toEqual([]);
  });

  it('depend on task type, tier and environment', () => {
    const policies = `${permitAll} forbid (principal, action == Action::"pay_invoice", resource) when { context.trustTier == "untrusted" };
      forbid (principal, action in Action::"call", resource) when { context.taskType == "other" || (context.environment == "production" && context.effect == "reconcilable") };`;

    expect(see(policies)).toEqual(['get_purchase_order', 'search_guidelines', 'pay_invoice', 'escalate_invoice']);
    expect(see(policies, undefined, 'untrusted')).not.toContain('pay_invoice');
    expect(see(policies, 'other')).toEqual([]);
  });

  it('are narrowed by the scope of the task, which alone brings in those that an agent has on request', () => {
    const bundle = bundleOf({ 'p.cedar': permitAll });
    const own = { ...agent, tools: ['get_purchase_order', 'search_guidelines'], toolsOnRequest: ['pay_invoice'] };
    const outcome = (tool: string, scope: string[] | undefined): unknown => authorizeCall(bundle, {
      call: { callId: 'c', requestId: 'r', tool, arguments: { query: 'x' } }, agent: own, tenant: 'acme', environment: 'test', index: OriginIndex.of([]), task: { type: 'com.example.invoice.received', requester: 'clerk', ...(scope === undefined ? {} : { scope }) },
    }).reasons[0];
    for (const [scope, visible] of [[undefined, ['get_purchase_order', 'search_guidelines']], [['search_guidelines'], ['search_guidelines']], [['pay_invoice', 'search_guidelines', 'escalate_invoice'], ['search_guidelines', 'pay_invoice']], [[], []]] as const) {
      expect(visibleTools(bundle, { agent: own, tenant: 'acme', user: 'clerk', taskType: 'com.example.invoice.received', environment: 'production', ...(scope === undefined ? {} : { scope: [...scope] }) })).toEqual(visible);
      for (const tool of ['pay_invoice', 'search_guidelines', 'escalate_invoice']) {
        const isIn = visible.some((name) => name === tool);
        expect([scope, tool, /scope|not declared/.test(String(outcome(tool, scope === undefined ? undefined : [...scope])))]).toEqual([scope, tool, !isIn]);
      }
    }
  });
});
