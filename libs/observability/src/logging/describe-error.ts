/** An error as a log line tells it. */
export interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  /** A stable code: Holdfast's own, or the system's (`ECONNREFUSED`). */
  readonly code?: string | number;
  /** Whether the same request may succeed later. */
  readonly retryable?: boolean;
  /** What the reader should do next. */
  readonly remedy?: string;
  readonly stack?: string;
  readonly cause?: ErrorDescription | string;
  readonly errors?: readonly ErrorDescription[];
}

const MAXIMUM_CAUSES = 5;

/**
 * Describes an error with its causes, at most five deep. The fields of HoldfastError are read by shape and not by class, since
 * an error may come from another copy of the library. Other own properties are left out: they may hold requests or secrets.
 */
export function describeError(error: Error, depth = 0): ErrorDescription {
  const { code, retryable, remedy, cause, errors } = error as Error & Record<'code' | 'retryable' | 'remedy' | 'errors', unknown>;
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof retryable === 'boolean' ? { retryable } : {}),
    ...(typeof remedy === 'string' ? { remedy } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(depth >= MAXIMUM_CAUSES || cause === undefined ? {} : { cause: cause instanceof Error ? describeError(cause, depth + 1) : describeOther(cause) }),
    ...(depth >= MAXIMUM_CAUSES || !Array.isArray(errors) ? {} : { errors: errors.slice(0, 10).filter((one) => one instanceof Error).map((one) => describeError(one, depth + 1)) }),
  };
}

function describeOther(cause: unknown): string {
  return typeof cause === 'object' ? 'a value that is no error' : String(cause);
}
