import type { Handle } from './failpoints.ts';
import type { Wrapper } from './wrap.ts';

interface Mutation {
  readonly handle: Handle;
  readonly wrapper: Wrapper;
}

/**
 * Guarantees that are switched off, so that it is seen whether the chaos runs would notice: each is a wrapper that takes
 * one protection away. (`fsync` is no wrapper: it is the broker's durability.)
 */
export const MUTATIONS: Readonly<Record<string, readonly Mutation[]>> = {
  /** Nothing is expected of the log any more, so that the last writer wins. */
  fence: [{
    handle: { module: '/libs/bus/dist/publisher.js', target: 'publish' },
    wrapper: (publish) => function (connection, subject, payload, options) {
      const { expected, ...rest } = (options ?? {}) as { expected?: unknown };
      return publish.call(this, connection, subject, payload, String(subject).startsWith('log.') ? rest : { ...rest, ...(expected === undefined ? {} : { expected }) });
    },
  }],
  /** The core takes every fact for a new one. */
  dedupe: [{ handle: { module: '/libs/run/dist/state/folded.js', target: 'isFolded' }, wrapper: () => () => false }],
  /** Whoever asks for a claim is given one, and nobody ever asks whether it still holds. */
  ledger: [
    {
      handle: { module: '/libs/tool-sdk/dist/ledger/ledger.js', target: 'Ledger.claim' },
      wrapper: () => async function (operation) {
        return { status: 'granted', claim: { operation, record: { epoch: 1 }, sequence: 0, inherited: false } };
      },
    },
    { handle: { module: '/libs/tool-sdk/dist/ledger/ledger.js', target: 'Ledger.renew' }, wrapper: () => async (claim) => claim },
    { handle: { module: '/libs/tool-sdk/dist/ledger/ledger.js', target: 'Ledger.mayAct' }, wrapper: () => () => true },
    { handle: { module: '/libs/tool-sdk/dist/ledger/ledger.js', target: 'Ledger.release' }, wrapper: () => () => undefined },
    { handle: { module: '/libs/tool-sdk/dist/ledger/ledger.js', target: 'Ledger.record' }, wrapper: () => async () => 'recorded' },
  ],
};
