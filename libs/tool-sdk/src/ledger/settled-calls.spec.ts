import { describe, expect, it } from '@jest/globals';
import type { ToolOutcome } from '@holdfast/contracts';
import { Ledger } from './ledger.js';
import { InMemoryEffectStore } from './memory-effect-store.js';
import type { Operation } from './operation.js';

const operation: Operation = { tenant: 'acme', tool: 'pay', operationKey: 'a'.repeat(64), identity: { invoice: 'i-7' }, argumentsDigest: 'b'.repeat(64), runId: 'run-1', callId: 'c1-1', dispatch: 2, attemptMs: 1_000 };
const other: Operation = { ...operation, callId: 'c3-1', dispatch: 4 };
const refused: ToolOutcome = { status: 'failed', attempts: [], failure: { code: 'tool.refused', message: 'No.', retryable: false, remedy: 'Ask for something else.' } };
const options = { waitUntil: 0 };

async function settle(ledger: Ledger, wish: Operation, outcome?: ToolOutcome): Promise<void> {
  const answer = await ledger.claim(wish, options);
  if (answer.status !== 'granted') throw new Error('the claim was not granted');
  if (outcome !== undefined) await ledger.record(answer.claim, outcome);
  ledger.release(answer.claim);
}

describe('a call that ended without effect', () => {
  it.each([['failed as well', refused], ['fell silent', undefined]] as const)('does not act when it is delivered late, after another call that %s', async (_how, outcome) => {
    const ledger = new Ledger({ store: new InMemoryEffectStore(), owner: 'worker' });
    await settle(ledger, operation, refused);
    await settle(ledger, other, outcome);

    expect(await ledger.claim(operation, options)).toEqual({ status: 'settled', outcome: refused });
  });

  it('is given what another call achieved since, and may act when it is dispatched anew', async () => {
    const store = new InMemoryEffectStore();
    const ledger = new Ledger({ store, owner: 'worker' });
    await settle(ledger, operation, refused);
    await settle(ledger, other, refused);

    expect(await ledger.claim({ ...operation, dispatch: 6 }, options)).toMatchObject({ status: 'granted', claim: { inherited: false } });
    const second = new Ledger({ store: new InMemoryEffectStore(), owner: 'worker' });
    await settle(second, operation, refused);
    await settle(second, other, { status: 'succeeded', result: 1, replayed: false, attempts: [] });
    expect(await second.claim(operation, options)).toMatchObject({ status: 'settled', outcome: { status: 'succeeded', replayed: true } });
  });

  it('is remembered by the last of its dispatches', async () => {
    const ledger = new Ledger({ store: new InMemoryEffectStore(), owner: 'worker' });
    await settle(ledger, operation, refused);
    await settle(ledger, { ...operation, dispatch: 6 }, refused);
    await settle(ledger, other, refused);

    expect(await ledger.claim({ ...operation, dispatch: 6 }, options)).toMatchObject({ status: 'settled' });
    expect(await ledger.claim({ ...operation, dispatch: 8 }, options)).toMatchObject({ status: 'granted' });
  });
});
