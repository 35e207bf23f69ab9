/** The moments of a call with an effect at which a crash is most instructive. */
export const FAILPOINTS = ['before-claim', 'after-claim', 'after-effect', 'after-outcome'] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

/** Called at each failpoint; specifications and chaos runs let it end the worker there. */
export interface Failpoints {
  hit(name: Failpoint): void | Promise<void>;
}

export const noFailpoints: Failpoints = { hit: () => undefined };
