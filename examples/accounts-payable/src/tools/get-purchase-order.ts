import { callHttp, defineTool } from '@holdfast/tool-sdk';
import { z } from 'zod';
import { companyNumber, patience } from './shared-fields.js';

const line = z.object({ sku: z.string(), description: z.string(), quantity: z.int(), unitPriceCents: z.int() });

const purchaseOrder = z.object({
  poNumber: z.string(), supplierId: z.string(), supplierName: z.string(), supplierEmail: z.string(), iban: z.string(), currency: z.string(), totalCents: z.int(), lines: z.array(line), status: z.enum(['open', 'closed']),
});

/** Reads an order from the company's records, which vouch for the supplier's account, address and the amount agreed. */
export const getPurchaseOrder = (company: URL) =>
  defineTool({
    name: 'get_purchase_order',
    description: 'Looks up a purchase order by its number: the supplier with its bank account and address, the lines and the total.',
    effect: 'read',
    input: z.strictObject({ poNumber: companyNumber.describe('The number of the purchase order, such as PO-7041.') }),
    output: purchaseOrder,
    roles: { poNumber: 'target' },
    outputLabel: {
      trust: 'organisation',
      secrecy: 'internal',
      fields: { iban: { trust: 'endorsed' }, supplierEmail: { trust: 'endorsed' }, totalCents: { trust: 'endorsed' }, supplierId: { trust: 'endorsed' } },
    },
    ...patience,
    concurrency: 16,
    async execute({ poNumber }, context) {
      const { body } = await callHttp<z.input<typeof purchaseOrder>>(context, { method: 'GET', url: new URL(`/purchase-orders/${encodeURIComponent(poNumber)}`, company) });
      return body;
    },
  });
