import { HoldfastError } from '@holdfast/contracts';
import { z } from 'zod';
import { readPurchaseOrders } from '../example-data.js';
import { faultProfileSchema } from './faults.js';
import type { CompanyOptions } from './service.js';

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue('must be JSON, either {"seed":7} or {"faults":[...]}');
    return z.NEVER;
  }
});

const environmentSchema = z.object({
  COMPANY_DATABASE: z.string({ error: 'must name the SQLite file' }).min(1, 'must name the SQLite file'),
  COMPANY_PORT: z.coerce.number({ error: 'must be a port number, or 0 for a free one' }).int().min(0).max(65_535).default(0),
  COMPANY_FAULTS: json.pipe(faultProfileSchema).default({ faults: [] }),
});

/**
 * Reads COMPANY_DATABASE (a file), COMPANY_PORT (default 0, a free one) and COMPANY_FAULTS (JSON, default none).
 *
 * @throws {HoldfastError} `company.configuration`, naming each variable that is wrong.
 */
export function readConfiguration(environment: NodeJS.ProcessEnv): CompanyOptions {
  const result = environmentSchema.safeParse(environment);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new HoldfastError({ code: 'company.configuration', message: faults, retryable: false, remedy: 'Set the named environment variables and start again.' });
  }
  return { database: result.data.COMPANY_DATABASE, port: result.data.COMPANY_PORT, faults: result.data.COMPANY_FAULTS, purchaseOrders: readPurchaseOrders() };
}
