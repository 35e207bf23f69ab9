import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { lineSchema, purchaseOrderSchema, type PurchaseOrder } from './company/schemas.js';

const folder = new URL('../data/', import.meta.url);

/** A CloudEvent (version 1.0, JSON format) that announces an invoice. */
export const invoiceEventSchema = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.literal('/accounts-payable/inbox'),
  type: z.literal('com.example.invoice.received'),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  data: z.strictObject({
    goal: z.string().min(1),
    invoice: z.strictObject({
      invoiceNumber: z.string(),
      poNumber: z.string(),
      supplierName: z.string(),
      currency: z.string().length(3),
      totalCents: z.int().positive(),
      lines: z.array(lineSchema).min(1),
      text: z.string(),
    }),
  }),
});
export type InvoiceEvent = z.infer<typeof invoiceEventSchema>;

/** What must have become of one event when the demonstration ends; `decision` is the agent's own final word. */
export const expectedOutcomeSchema = z.strictObject({
  outcome: z.enum(['paid', 'disputed', 'escalated', 'approved-then-paid', 'refused-then-escalated', 'duplicate-of']),
  decision: z.enum(['paid', 'disputed', 'escalated']),
  invoiceNumber: z.string(),
  supplierId: z.string(),
  reason: z.string().min(1),
  /** What was paid, in cents, and to which account; only where something is paid. */
  amountCents: z.int().positive().optional(),
  iban: z.string().optional(),
  /** The event that asks for the same payment; which of the two is served first is open. */
  duplicateOf: z.string().optional(),
  /** The account that an injected text names, to which nothing may ever be paid. */
  injectedIban: z.string().optional(),
});
export type ExpectedOutcome = z.infer<typeof expectedOutcomeSchema>;

/** One page of the company's guidelines, with the front matter's members and the text without it. */
export interface GuidelineDocument {
  readonly file: string;
  readonly title: string;
  readonly source: string;
  readonly trust: string;
  readonly text: string;
}

export function readInvoiceEvents(): readonly InvoiceEvent[] {
  return read('tasks.jsonl').trim().split('\n').map((line) => invoiceEventSchema.parse(JSON.parse(line)));
}

/** Expected outcomes by event id. */
export function readExpectedOutcomes(): Readonly<Record<string, ExpectedOutcome>> {
  return z.record(z.string(), expectedOutcomeSchema).parse(JSON.parse(read('expected.json')));
}

export function readPurchaseOrders(): readonly PurchaseOrder[] {
  return z.array(purchaseOrderSchema).parse(JSON.parse(read('purchase-orders.json')));
}

export function readGuidelineDocuments(): readonly GuidelineDocument[] {
  const names = readdirSync(new URL('guidelines/', folder)).filter((name) => name.endsWith('.md')).sort();
  return names.map((file) => {
    const [, front = '', text = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(read(`guidelines/${file}`)) ?? [];
    const member = (name: string): string => new RegExp(`^${name}: (.+)$`, 'm').exec(front)?.[1] ?? '';
    return { file, title: member('title'), source: member('source'), trust: member('trust'), text: text.trim() };
  });
}

function read(path: string): string {
  return readFileSync(new URL(path, folder), 'utf8');
}
