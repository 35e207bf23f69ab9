import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/contracts';

/**
 * Pauses in milliseconds before each further attempt, about six seconds in all: longer than a database's restart after
 * a crash, shorter than what a caller waits for.
 */
export const reconnectPauses: readonly number[] = [20, 50, 100, 200, 400, 800, 1_600, 3_000];

/** SQLSTATE classes and codes after which the same transaction may succeed (PostgreSQL manual, appendix A). */
const retryableState = /^(08...|57P0[1-5]|40001|40P01|53300|23503)$/;
const networkCode = /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)$/;
/** Errors of the driver that carry no code. */
const driverMessage = /connection terminated|connection error and is not queryable|timeout exceeded when trying to connect|client was closed|already released/i;

/**
 * Runs `operation` and, when its connection was lost or its transaction lost a race, runs all of it again. The
 * operation must therefore be idempotent, which every one of this service is.
 *
 * A foreign key violation (23503) counts as such a race, since here it only means that a concurrent transaction removed
 * what this one had just read. Throws `HoldfastError` `memory.database-unavailable` when the last attempt failed so.
 */
export async function throughReconnects<T>(operation: () => Promise<T>, pauses: readonly number[] = reconnectPauses): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await operation();
    } catch (cause) {
      if (!isPassing(cause)) throw cause;
      const pause = pauses[attempt];
      if (pause === undefined) throw unavailable(cause);
      await sleep(pause);
    }
  }
}

/** True when the error speaks of the connection or of a lost race, not of the request. */
export function isPassing(error: unknown): boolean {
  // By shape, not by class: drivers throw errors of their own, and Node's come from another realm under test.
  if (typeof error !== 'object' || error === null) return false;
  const { code, message, driverError, errors } = error as { code?: unknown; message?: unknown; driverError?: unknown; errors?: unknown };
  if (typeof code === 'string' && (retryableState.test(code) || networkCode.test(code))) return true;
  if (typeof message === 'string' && driverMessage.test(message)) return true;
  return isPassing(driverError) || (Array.isArray(errors) && errors.some(isPassing));
}

function unavailable(cause: unknown): HoldfastError {
  return new HoldfastError({
    code: 'memory.database-unavailable',
    message: 'The memory database does not answer.',
    retryable: true,
    remedy: 'Check that the database runs and that DATABASE_URL leads to it; then send the same request again.',
    cause,
  });
}
