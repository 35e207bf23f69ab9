/** What one scorer says of one execution. The reason is a sentence for people, also when it passed. */
export interface Verdict {
  /** Stable: `status`, `answer`, `answer-schema`, `mentions`, `calls`, `effects.<path>`, `path`, `order`, `never`, `kills`, `invariant.<name>`, `run`. */
  readonly scorer: string;
  readonly passed: boolean;
  readonly reason: string;
}

export const pass = (scorer: string, reason: string): Verdict => ({ scorer, passed: true, reason });
export const fail = (scorer: string, reason: string): Verdict => ({ scorer, passed: false, reason });
