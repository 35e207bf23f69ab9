import { HoldfastError } from '@holdfast/contracts';
import { readConfiguration } from './configuration.js';
import { CompanyService } from './service.js';

try {
  const company = await CompanyService.start(readConfiguration(process.env));
  process.stdout.write(`${JSON.stringify({ listening: company.port })}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void company.stop());
} catch (error) {
  const told = error instanceof HoldfastError ? error.toJSON() : { code: 'company.start', message: error instanceof Error ? error.message : String(error), retryable: false, remedy: 'Check the port and the database file.' };
  process.stderr.write(`${JSON.stringify(told)}\n`);
  process.exitCode = 1;
}
