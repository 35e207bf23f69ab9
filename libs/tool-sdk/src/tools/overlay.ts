import { HoldfastError, argumentRole, compensation, toolContract } from '@holdfast/contracts';
import { parse } from 'yaml';
import { z } from 'zod';

const { shape } = toolContract;

/** What an operator may say of a tool that somebody else describes; every field means what it means in `toolContract`. */
export const overlayOptions = {
  identity: shape.identity.optional(),
  roles: z.record(z.string(), argumentRole),
  outputLabel: shape.outputLabel.partial({ fields: true }).optional(),
  /** Instead of the other side's own, which the model would otherwise read. */
  description: shape.description.optional(),
  amountArgument: shape.amountArgument,
  destructive: shape.destructive,
  confined: shape.confined,
  adapter: shape.adapter.optional(),
  timeoutMs: shape.timeoutMs.optional(),
  retry: shape.retry.optional(),
  concurrency: shape.concurrency.optional(),
  deadlineMs: shape.deadlineMs,
  rateLimit: shape.rateLimit,
  breaker: shape.breaker,
  retentionMs: shape.retentionMs,
  quarantineAfter: shape.quarantineAfter,
  compensate: compensation.optional(),
};

/** The label of all tools that have none of their own. */
export const overlayLabel = shape.outputLabel.partial({ fields: true }).optional();

/** The name of an environment variable: secrets stand in none of an operator's files. */
export const variableName = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of an environment variable');

/** Reads an overlay, YAML or JSON. Throws `overlay.invalid`, which names the place, what is wrong, and the page that describes the form. */
export function parseOverlay<T>(text: string, name: string, form: z.ZodType<T>, page: string): T {
  const invalid = (reason: string): HoldfastError => new HoldfastError({ code: 'overlay.invalid', message: `The overlay "${name}" is wrong: ${reason}.`, retryable: false, remedy: `Correct the named field; ${page} describes the form.` });
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw invalid(cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause));
  }
  const parsed = form.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.slice(0, 10).map(({ path, message }) => `"${path.map(String).join('.')}": ${message}`).join('; '));
}
