import { z } from 'zod';
import { findObject } from './json-in-text.js';

const line = z.object({ sku: z.string(), description: z.string().default(''), quantity: z.number(), unitPriceCents: z.number() });

const invoiceSchema = z.object({
  invoiceNumber: z.string(),
  poNumber: z.string(),
  supplierName: z.string(),
  currency: z.string(),
  totalCents: z.number(),
  lines: z.array(line),
  text: z.string().default(''),
});
/** The invoice as the task states it. `text` is a stranger's: what the scanner read on the paper. */
export type Invoice = z.infer<typeof invoiceSchema>;

const purchaseOrderSchema = z.object({
  poNumber: z.string(),
  supplierId: z.string(),
  supplierName: z.string(),
  supplierEmail: z.string(),
  iban: z.string(),
  currency: z.string(),
  totalCents: z.number(),
  lines: z.array(line),
  status: z.string().default('open'),
});
export type PurchaseOrder = z.infer<typeof purchaseOrderSchema>;

/** The invoice in a message, wherever the message puts its JSON. */
export function findInvoice(message: string): Invoice | undefined {
  const found = findObject(message, (object) => invoiceSchema.safeParse(object).success);
  return found === undefined ? undefined : invoiceSchema.parse(found);
}

/** The purchase order in a tool's result, under whatever envelope it came. */
export function findPurchaseOrder(result: unknown): PurchaseOrder | undefined {
  const found = findObject(result, (object) => purchaseOrderSchema.safeParse(object).success);
  return found === undefined ? undefined : purchaseOrderSchema.parse(found);
}
