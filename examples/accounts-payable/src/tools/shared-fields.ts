import { z } from 'zod';
import { isIban } from '../bank-account.js';

/** The numbers that the company gives its invoices, orders and suppliers. */
export const companyNumber = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, underscores or hyphens');

export const iban = z.string().refine(isIban, 'must be an IBAN without spaces whose check digits are right');

export const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code of three capital letters');

/** How patient the tools are with the company's systems. A request that hangs costs one time-out, not the invoice. */
export const patience = { timeoutMs: 3_000, retry: { attempts: 6, baseDelayMs: 200, maxDelayMs: 2_000 } } as const;
