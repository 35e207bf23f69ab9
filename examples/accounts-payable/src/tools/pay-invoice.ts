import { callHttp, defineTool } from '@holdfast/tool-sdk';
import { z } from 'zod';
import { companyNumber, currency, iban, patience } from './shared-fields.js';

const paymentMade = z.object({ paymentId: z.string(), invoiceNumber: z.string(), supplierId: z.string(), iban: z.string(), amountCents: z.int(), currency: z.string(), paidAt: z.string() });

/** Pays an invoice once: the operation is "this invoice of this supplier", whatever is said about account and amount. */
export const payInvoice = (company: URL) =>
  defineTool({
    name: 'pay_invoice',
    description: 'Pays an invoice to the supplier. Only for an invoice that agrees with its purchase order.',
    effect: 'keyed',
    input: z.strictObject({
      invoiceNumber: companyNumber,
      supplierId: companyNumber.describe("The supplier's number, from the purchase order."),
      poNumber: companyNumber,
      iban: iban.describe('The account to pay to.'),
      amountCents: z.int().positive().describe('The amount in cents.'),
      currency,
    }),
    output: paymentMade,
    identity: ['supplierId', 'invoiceNumber'],
    roles: { invoiceNumber: 'target', supplierId: 'target', poNumber: 'target', iban: 'sink', amountCents: 'sink', currency: 'enum' },
    amountArgument: 'amountCents',
    outputLabel: { trust: 'organisation', secrecy: 'internal' },
    ...patience,
    concurrency: 8,
    async execute(payment, context) {
      const { body } = await callHttp<z.input<typeof paymentMade>>(context, { method: 'POST', url: new URL('/payments', company), body: payment, idempotencyKey: true });
      return body;
    },
  });
