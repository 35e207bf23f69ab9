import { callHttp, defineTool } from '@holdfast/tool-sdk';
import { z } from 'zod';
import { companyNumber, currency, iban, patience } from './shared-fields.js';

const line = z.object({ sku: z.string(), description: z.string(), quantity: z.int(), unitPriceCents: z.int() });

/** Each field that vouches says what it may hold: it vouches for whatever stands in it, and a sentence in place of an address could name an account. */
const purchaseOrder = z.object({
  poNumber: companyNumber, supplierId: companyNumber, supplierName: z.string(), supplierEmail: z.email(), iban, currency, totalCents: z.int(), lines: z.array(line), status: z.enum(['open', 'closed']),
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
