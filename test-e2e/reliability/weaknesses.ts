import type { Handle } from '../faults/injection/failpoints.ts';
import type { Wrapper } from '../faults/injection/wrap.ts';
import { SWITCHES } from '../effects/injection/switches.ts';

/** A guarantee that is taken away from the services, and the family of faults that has to notice. */
export interface Weakness {
  readonly family: 'retry' | 'crash' | 'adversarial' | 'latency';
  readonly parts: readonly { readonly handle: Handle; readonly wrapper: Wrapper }[];
}

export const WEAKNESSES: Readonly<Record<string, Weakness>> = {
  /** Neither our ledger nor the key that goes out with a request keeps an operation from being done again. */
  ledger: { family: 'crash', parts: [...(SWITCHES['ledger'] ?? []), ...(SWITCHES['key'] ?? [])] },
  /** The key does not go out, so that the company cannot tell a repeated request from a new one. */
  key: { family: 'retry', parts: SWITCHES['key'] ?? [] },
  /** Whatever is asked is allowed. */
  policy: {
    family: 'adversarial',
    parts: [{
      handle: { module: '/libs/policy-engine/dist/authorization/authorize-call.js', target: 'authorizeCall' },
      wrapper: (authorizeCall) => function (...args) {
        const judged = authorizeCall.apply(this, args) as { readonly outcome: string };
        return { ...judged, outcome: 'allow' };
      },
    }],
  },
  /** Each request is made once. */
  retries: {
    family: 'latency',
    parts: [{ handle: { module: '/libs/tool-sdk/dist/execution/retries.js', target: 'withRetries' }, wrapper: () => async (_call, _means, _mayRetry, attempt) => (attempt as (number: number) => unknown)(1) }],
  },
};
