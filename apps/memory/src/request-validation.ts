import { HoldfastError } from '@holdfast/contracts';
import { z } from 'zod';

/**
 * The request as its schema reads it. Throws `HoldfastError` `memory.request-invalid`, which names every bad field but
 * repeats no value of it, since errors are logged and documents may be secret.
 */
export function accepted<S extends z.ZodType>(schema: S, request: unknown): z.output<S> {
  const result = schema.safeParse(request);
  if (result.success) return result.data;
  throw new HoldfastError({
    code: 'memory.request-invalid',
    message: result.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'request'}: ${message}`).join('; '),
    retryable: false,
    remedy: 'Correct the named fields; the limits are in memoryLimits of @holdfast/contracts.',
  });
}
