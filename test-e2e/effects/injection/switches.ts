import type { Handle } from '../../faults/injection/failpoints.ts';
import { MUTATIONS } from '../../faults/injection/mutations.ts';
import type { Wrapper } from '../../faults/injection/wrap.ts';

export interface Switch {
  readonly handle: Handle;
  readonly wrapper: Wrapper;
}

/** Guarantees that can be taken away, so that it is seen whether the matrix would notice. */
export const SWITCHES: Readonly<Record<string, readonly Switch[]>> = {
  /** Whoever asks for a claim is given one. */
  ledger: MUTATIONS['ledger'] ?? [],
  /** The ledger's records are appended whatever was there before, so that two may hold one claim. */
  fence: [{
    handle: { module: '/libs/bus/dist/publisher.js', target: 'publish' },
    wrapper: (publish) => function (connection, subject, payload, options) {
      const { expected: _expected, ...rest } = (options ?? {}) as { expected?: unknown };
      return publish.call(this, connection, subject, payload, String(subject).startsWith('effects.') ? rest : options);
    },
  }],
  /** The operation key does not go out, so that the service cannot tell a repeated request from a new one. */
  key: [{
    handle: { module: '/libs/tool-sdk/dist/http/call-http.js', target: 'callHttp' },
    wrapper: (callHttp) => function (context, request, ...rest) {
      return callHttp.call(this, context, { ...(request as object), idempotencyKey: false }, ...rest);
    },
  }],
};
