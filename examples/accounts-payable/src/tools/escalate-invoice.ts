import { callHttp, defineTool } from '@holdfast/tool-sdk';
import { z } from 'zod';
import { companyNumber, patience } from './shared-fields.js';

const openCase = z.object({ reference: z.string(), reason: z.string(), summary: z.string() });

/** Opens a case for a person. Writing the same case again changes nothing. */
export const escalateInvoice = (company: URL) =>
  defineTool({
    name: 'escalate_invoice',
    description: 'Opens a case about an invoice, so that a person decides what to do.',
    effect: 'idempotent',
    input: z.strictObject({
      reference: companyNumber.describe('The number of the invoice.'),
      reason: z.string().min(1).max(500).describe('Why a person must decide, in one sentence.'),
      summary: z.string().min(1).max(4_000),
    }),
    output: openCase,
    identity: ['reference'],
    roles: { reference: 'target', reason: 'content', summary: 'content' },
    outputLabel: { trust: 'organisation', secrecy: 'internal' },
    ...patience,
    concurrency: 8,
    async execute({ reference, reason, summary }, context) {
      const { body } = await callHttp<z.input<typeof openCase>>(context, { method: 'PUT', url: new URL(`/cases/${encodeURIComponent(reference)}`, company), body: { reason, summary } });
      return body;
    },
  });
