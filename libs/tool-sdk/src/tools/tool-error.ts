import { HoldfastError, type DoneCode } from '@holdfast/contracts';

/**
 * What is known about the outside world after an attempt failed:
 * - `not-done`: certainly nothing happened, and trying again may help;
 * - `unknown`: it may have happened; what that means is decided by the tool's effect class;
 * - `refused`: certainly nothing happened, and the same request will be refused again;
 * - `done`: it certainly happened, but its result cannot be used.
 */
export type ToolErrorKind = 'not-done' | 'unknown' | 'refused' | 'done';

export interface ToolErrorShape {
  /** Stable and dotted; defaults to a code that says no more than the kind. */
  readonly code?: string;
  readonly message: string;
  readonly remedy?: string;
  /** The earliest moment at which trying again makes sense, in milliseconds from now. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** The one error that `execute` and `reconcile` throw on purpose. Any other error is taken for `unknown`. */
export class ToolError extends HoldfastError {
  readonly kind: ToolErrorKind;
  readonly retryAfterMs: number | undefined;

  private constructor(kind: ToolErrorKind, shape: ToolErrorShape, defaults: { readonly code: string; readonly remedy: string }) {
    super({ code: shape.code ?? defaults.code, message: shape.message, retryable: kind === 'not-done' || kind === 'unknown', remedy: shape.remedy ?? defaults.remedy, cause: shape.cause });
    this.name = 'ToolError';
    this.kind = kind;
    this.retryAfterMs = shape.retryAfterMs;
  }

  /** Certainly no effect; a retry is allowed for every effect class. */
  static notDone(shape: ToolErrorShape): ToolError {
    return new ToolError('not-done', shape, { code: 'tool.not-done', remedy: 'Try again later.' });
  }

  /** The effect may have happened. */
  static unknown(shape: ToolErrorShape): ToolError {
    return new ToolError('unknown', shape, { code: 'tool.unknown', remedy: 'Ask the system of record whether it happened.' });
  }

  /** A definite refusal by the business behind the tool; trying the same again is pointless. */
  static refused(shape: ToolErrorShape): ToolError {
    return new ToolError('refused', shape, { code: 'tool.refused', remedy: 'Change the request, or hand the matter to a person.' });
  }

  /** The effect happened, but its result cannot be used; it will never be repeated. */
  static done(shape: ToolErrorShape & { readonly code: DoneCode }): ToolError {
    return new ToolError('done', shape, { code: shape.code, remedy: 'Do not repeat the operation; look its result up in the system of record.' });
  }
}
