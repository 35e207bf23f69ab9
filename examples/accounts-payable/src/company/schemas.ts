import { z } from 'zod';
import { isIban } from '../bank-account.js';
import { Problem } from './problem.js';

const identifier = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, underscores or hyphens');
const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code of three capital letters');
const iban = z.string().refine(isIban, 'must be an IBAN without spaces whose check digits are right');
const cents = z.int().positive();

/** One article of an order or an invoice; the price is for one unit, in cents of the document's currency. */
export const lineSchema = z.strictObject({ sku: identifier, description: z.string().min(1), quantity: z.int().positive(), unitPriceCents: cents });

export const purchaseOrderSchema = z.strictObject({
  poNumber: identifier,
  supplierId: identifier,
  supplierName: z.string().min(1),
  supplierEmail: z.email(),
  iban,
  currency,
  totalCents: cents,
  lines: z.array(lineSchema).min(1),
  status: z.enum(['open', 'closed']),
});
export type PurchaseOrder = z.infer<typeof purchaseOrderSchema>;

export const paymentRequestSchema = z.strictObject({ invoiceNumber: identifier, supplierId: identifier, poNumber: identifier, iban, amountCents: cents, currency });
export type PaymentRequest = z.infer<typeof paymentRequestSchema>;

export const mailRequestSchema = z.strictObject({ reference: identifier, to: z.email(), subject: z.string().min(1).max(200), body: z.string().min(1).max(10_000) });
export type MailRequest = z.infer<typeof mailRequestSchema>;

export const caseRequestSchema = z.strictObject({ reason: z.string().min(1).max(500), summary: z.string().min(1).max(4_000) });
export type CaseRequest = z.infer<typeof caseRequestSchema>;

export const idempotencyKeySchema = z.string().min(1).max(255).regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');
export const identifierSchema = identifier;

/**
 * Checks what a caller sent.
 *
 * @throws {Problem} 400 `company.invalid_request`, naming every field that is wrong.
 */
export function parseRequest<Output>(schema: z.ZodType<Output>, value: unknown, where: string): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${[where, ...issue.path].join('.')}: ${issue.message}`);
  throw new Problem({ status: 400, code: 'company.invalid_request', message: faults.join('; '), retryable: false, remedy: 'Correct the named fields and send the request again.' });
}
