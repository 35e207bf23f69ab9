/** A promise that was broken, and how. */
export interface Violation {
  readonly invariant: string;
  readonly description: string;
}
