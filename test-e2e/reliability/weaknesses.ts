import { randomUUID } from 'node:crypto';
import type { Handle } from '../faults/injection/failpoints.ts';
import type { Wrapper } from '../faults/injection/wrap.ts';
import { SWITCHES } from '../effects/injection/switches.ts';

/** A guarantee that is taken away from the services, and the family of faults that has to notice. */
export interface Weakness {
  readonly family: 'retry' | 'crash' | 'adversarial' | 'latency';
  readonly parts: readonly { readonly handle: Handle; readonly wrapper: Wrapper }[];
}

/** Each request goes out under a key of its own, so that the company cannot tell a repeated one from a new one. */
const newKeys: Weakness['parts'] = [{
  handle: { module: '/libs/tool-sdk/dist/http/call-http.js', target: 'callHttp' },
  wrapper: (callHttp) => function (context, ...rest) {
    return callHttp.call(this, Object.create(context as object, { operationKey: { value: randomUUID() } }), ...rest);
  },
}];

export const WEAKNESSES: Readonly<Record<string, Weakness>> = {
  /** Neither our ledger nor the key that goes out with a request keeps an operation from being done again. */
  ledger: { family: 'crash', parts: [...(SWITCHES['ledger'] ?? []), ...newKeys] },
  key: { family: 'retry', parts: newKeys },
  /** What is refused is allowed; people are still asked where they are. */
  policy: {
    family: 'adversarial',
    parts: [{
      handle: { module: '/libs/policy-engine/dist/authorization/authorize-call.js', target: 'authorizeCall' },
      wrapper: (authorizeCall) => function (...args) {
        const judged = authorizeCall.apply(this, args) as { readonly outcome: string };
        return judged.outcome === 'deny' ? { ...judged, outcome: 'allow' } : judged;
      },
    }],
  },
  /** Each request is made once. */
  retries: {
    family: 'latency',
    parts: [{ handle: { module: '/libs/tool-sdk/dist/execution/retries.js', target: 'withRetries' }, wrapper: () => async (_call, _means, _mayRetry, attempt) => (attempt as (number: number) => unknown)(1) }],
  },
};
