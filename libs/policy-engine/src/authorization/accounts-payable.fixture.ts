import type { AgentDeclaration, Catalog, Label, RunEvent, ToolContract } from '@holdfast/contracts';
import { loadBundle, type PolicyBundle } from './bundle.js';

const string = { type: 'string' };
const digest = (letter: string): string => letter.repeat(64);

function tool(name: string, shape: Pick<ToolContract, 'effect' | 'roles'> & { properties: Record<string, unknown>; amountArgument?: string }): ToolContract {
  const { properties, ...rest } = shape;
  return {
    name, description: name, adapter: 'company', output: {}, identity: [], digest: digest('c'), timeoutMs: 1000, concurrency: 1,
    input: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
    outputLabel: { trust: 'organisation', secrecy: 'internal', fields: {} }, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, ...rest,
  };
}

export const agent: AgentDeclaration = {
  name: 'accounts-payable', instructions: 'Pay.', model: 'scripted', taskTypes: ['com.example.invoice.received'], trustTier: 'supervised',
  tools: ['get_purchase_order', 'search_guidelines', 'pay_invoice', 'send_dispute', 'escalate_invoice'], inputTrust: { goal: 'user' },
  budgets: { maxSteps: 10, deadlineSeconds: 60, approvalSeconds: 60 }, digest: digest('a'),
};

export const catalog: Catalog = {
  agents: [agent],
  tools: [
    tool('get_purchase_order', { effect: 'read', properties: { poNumber: string }, roles: { poNumber: 'target' } }),
    tool('search_guidelines', { effect: 'read', properties: { query: string }, roles: { query: 'content' } }),
    tool('pay_invoice', {
      effect: 'keyed', amountArgument: 'amountCents',
      properties: { supplierId: string, poNumber: string, invoiceNumber: string, iban: string, amountCents: { type: 'integer' }, currency: { enum: ['EUR'] } },
      roles: { iban: 'sink', amountCents: 'sink', supplierId: 'target', poNumber: 'target', invoiceNumber: 'target', currency: 'enum' },
    }),
    tool('send_dispute', {
      effect: 'reconcilable', properties: { to: string, reference: string, subject: string, body: string },
      roles: { to: 'sink', reference: 'target', subject: 'content', body: 'content' },
    }),
    tool('escalate_invoice', {
      effect: 'idempotent', properties: { reference: string, reason: string, summary: string },
      roles: { reference: 'target', reason: 'content', summary: 'content' },
    }),
  ],
};

export const permitAll = `@id("all")\n@reason("Anything goes.")\npermit (principal, action, resource);\n`;
export const bundleOf = (policies: Readonly<Record<string, string>>): PolicyBundle => loadBundle({ policies, catalog });

export const labelled = (trust: Label['trust'], source: string): Label => ({ trust, secrecy: 'internal', source });

/** The account that the company's order has, and the one that an invoice's text tells the agent to pay. */
export const REAL = 'PT50000201231234567890154';
export const INJECTED = 'LT203250078412390617';

/** A run that took an invoice with this text and looked up its order. */
export function runOf(text: string, goal = 'Process invoice INV-2046 from Corvo Print against purchase order PO-7046.'): readonly RunEvent[] {
  const source = 'tool:get_purchase_order';
  return [
    {
      type: 'task-accepted', agent: { name: agent.name, digest: agent.digest }, budgets: agent.budgets,
      task: { source: '/inbox', id: 'evt-6', type: 'com.example.invoice.received', goal, requester: 'clerk', input: { invoice: { invoiceNumber: 'INV-2046', totalCents: 330000, text } } },
      labels: { goal: labelled('user', 'task.goal'), 'input.invoice': labelled('third-party', 'task.input.invoice') },
    },
    {
      type: 'tool-called', callId: 'call-1', tool: 'get_purchase_order', adapter: 'company', effect: 'read', arguments: { poNumber: 'PO-7046' }, contractDigest: digest('c'), permit: 'x',
    },
    {
      type: 'observation-recorded', callId: 'call-1', label: labelled('organisation', source),
      content: { poNumber: 'PO-7046', supplierId: 'SUP-112', iban: REAL, supplierEmail: 'geral@corvo-print.example', totalCents: 330000, note: 'Call desk +351 220 1234 first' },
      fields: Object.fromEntries(['poNumber', 'supplierId', 'iban', 'supplierEmail', 'totalCents'].map((field) => [field, labelled('endorsed', `${source}#${field}`)])),
    },
  ];
}

export const payment = { supplierId: 'SUP-112', poNumber: 'PO-7046', invoiceNumber: 'INV-2046', iban: REAL, amountCents: 330000, currency: 'EUR' };
