import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { DEFAULT_PARTITIONS, HoldfastError, catalog, type Catalog } from '@holdfast/contracts';

/** Settings that every service has. Each app extends them with its own and validates all in one go. */
export const commonSettings = z.object({
  NATS_URL: z.string().regex(/^(nats|tls|ws|wss):\/\//, 'must be one or several nats:// addresses, separated by commas'),
  /** The service's nkey seed, or a file that holds it. */
  HOLDFAST_NATS_SEED: z.string().startsWith('SU', 'must be an nkey user seed (SU…)').optional(),
  HOLDFAST_NATS_SEED_FILE: z.string().optional(),
  /** The keys that data keys are stored under, one a line, the present one first. Without it, this service neither reads nor writes runs about data subjects. */
  HOLDFAST_MASTER_KEY_FILE: z.string().min(1).optional(),
  HOLDFAST_PARTITIONS: z.coerce.number().int().min(1).max(256).default(DEFAULT_PARTITIONS),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** Where Prometheus reads the metrics, at /metrics; nowhere when left out, and 0 takes a free port. */
  HOLDFAST_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  HOLDFAST_METRICS_HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  HOLDFAST_ENVIRONMENT: z.string().regex(/^[a-z][a-z0-9-]*$/).default('development'),
});
export type CommonSettings = z.infer<typeof commonSettings>;

/** A setting that names a file; its value is the path. */
export const fileSetting = z.string().min(1);

/**
 * Reads settings from the environment. Throws `settings.invalid`, which lists every bad variable with what is wrong with
 * it, so that an operator corrects all of them at once.
 */
export function readSettings<T extends CommonSettings>(schema: z.ZodType<T>, environment: NodeJS.ProcessEnv): T {
  // An empty variable is how shells and Compose say "not set".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(settings)'}: ${issue.code === 'invalid_type' && given[String(issue.path[0])] === undefined ? 'is required' : issue.message}`);
  throw new HoldfastError({ code: 'settings.invalid', message: `These environment variables are wrong:\n${[...new Set(lines)].join('\n')}`, retryable: false, remedy: 'Correct them and start the service again.' });
}

/** The value of a setting that may be given directly or as a file, the way secrets are mounted. */
export function readSecret(value: string | undefined, file: string | undefined, name: string): string | undefined {
  if (value !== undefined || file === undefined) return value;
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new HoldfastError({ code: 'settings.unreadable', message: `${name}_FILE names "${file}", which cannot be read.`, retryable: false, remedy: 'Mount the file or correct the path.', cause });
  }
  // An empty secret would be taken for one that was given.
  if (secret === '') throw new HoldfastError({ code: 'settings.unreadable', message: `${name}_FILE names "${file}", which is empty.`, retryable: false, remedy: 'Write the secret into the file.' });
  return secret;
}

/** Reads and checks the catalogue of agents and tools. */
export function readCatalog(file: string): Catalog {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new HoldfastError({ code: 'catalog.unreadable', message: `The catalogue "${file}" cannot be read: ${String(cause)}`, retryable: false, remedy: 'Generate it from the agents and tools, and set HOLDFAST_CATALOG to its path.', cause });
  }
  const parsed = catalog.safeParse(value);
  if (!parsed.success) throw new HoldfastError({ code: 'catalog.invalid', message: `The catalogue "${file}" is invalid: ${parsed.error.message}`, retryable: false, remedy: 'Generate it again with this release.' });
  return parsed.data;
}
