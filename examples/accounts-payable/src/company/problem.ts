import { HoldfastError } from '@holdfast/contracts';

/** What a {@link Problem} says beyond its HTTP status. */
export interface ProblemShape {
  /** The HTTP status it is answered with. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly remedy: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error that the company answers as `application/problem+json` (RFC 9457). */
export class Problem extends HoldfastError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(shape: ProblemShape) {
    super(shape);
    this.name = 'Problem';
    this.status = shape.status;
    this.headers = shape.headers ?? {};
  }

  /** The members of RFC 9457, with the code, whether to retry and the remedy as extensions. */
  toBody(): Readonly<Record<string, unknown>> {
    return { type: `urn:company:problem:${this.code}`, title: this.message, status: this.status, code: this.code, retryable: this.retryable, remedy: this.remedy };
  }
}
