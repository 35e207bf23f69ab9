/** What every error of Holdfast tells its reader: a stable code, whether trying again can help, and what to do next. */
export interface HoldfastErrorShape {
  /** Stable, dotted, lower-case identifier, for example `log.unavailable`. Never reused for another meaning. */
  readonly code: string;
  readonly message: string;
  /** True when the same request may succeed later without a change by the caller. */
  readonly retryable: boolean;
  /** One sentence that says what the reader should do next. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/** The one error class that crosses a library's boundary; see {@link HoldfastErrorShape} for its fields. */
export class HoldfastError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly remedy: string;

  constructor(shape: HoldfastErrorShape) {
    super(shape.message, shape.cause === undefined ? undefined : { cause: shape.cause });
    this.name = 'HoldfastError';
    this.code = shape.code;
    this.retryable = shape.retryable;
    this.remedy = shape.remedy;
  }

  /** The error as plain data for logs, problem+json bodies and facts. */
  toJSON(): Omit<HoldfastErrorShape, 'cause'> {
    return { code: this.code, message: this.message, retryable: this.retryable, remedy: this.remedy };
  }
}
