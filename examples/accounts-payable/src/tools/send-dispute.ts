import { callHttp, defineTool, ToolError } from '@holdfast/tool-sdk';
import { z } from 'zod';
import { companyNumber, patience } from './shared-fields.js';

const mail = z.object({ mailId: z.string(), reference: z.string(), to: z.string(), sentAt: z.string() });
const sentMail = z.object({ messages: z.array(mail) });

/**
 * Writes to the supplier that an invoice is disputed. The mail system knows no keys, but it can be asked what was sent
 * under a reference; that is what keeps a lost answer from becoming a second mail.
 */
export const sendDispute = (company: URL) =>
  defineTool({
    name: 'send_dispute',
    description: 'Sends the supplier a mail that says why its invoice cannot be paid as it stands.',
    effect: 'reconcilable',
    input: z.strictObject({
      reference: companyNumber.describe('The number of the disputed invoice.'),
      to: z.email().describe("The supplier's address, from the purchase order."),
      subject: z.string().min(1).max(200),
      body: z.string().min(1).max(10_000),
    }),
    output: mail,
    identity: ['reference'],
    roles: { reference: 'target', to: 'sink', subject: 'content', body: 'content' },
    outputLabel: { trust: 'organisation', secrecy: 'internal' },
    ...patience,
    concurrency: 8,
    async execute(dispute, context) {
      const { body } = await callHttp<z.input<typeof mail>>(context, { method: 'POST', url: new URL('/mail', company), body: dispute });
      return body;
    },
    async reconcile({ reference }, context) {
      const url = new URL('/mail', company);
      url.searchParams.set('reference', reference);
      const parsed = sentMail.safeParse((await callHttp(context, { method: 'GET', url })).body);
      if (!parsed.success) throw ToolError.unknown({ message: `The mail system's answer about ${reference} cannot be read.` });
      const [sent] = parsed.data.messages;
      return sent === undefined ? { status: 'not-done' } : { status: 'done', result: sent };
    },
  });
