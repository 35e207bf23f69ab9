import { describe, expect, it } from '@jest/globals';
import { DataKeys, MasterKeys, MemoryDataKeyStore, newMasterKey } from '@holdfast/data-keys';
import { effectRecord, subjects, type DataKeyName, type EffectRecord } from '@holdfast/contracts';
import type { PublishOptions, StoredMessage } from '@holdfast/bus';
import { Ledger, type Operation } from '@holdfast/tool-sdk';
import { BusEffectStore } from './bus-effect-store.js';
import { decrypted } from './encrypted-effects.js';

const OPERATION_KEY = 'a'.repeat(64);
const NAME = 'Erika Mustermann';

/** One broker's stream of effects, and processes that use it. */
async function installation() {
  const keyStore = new MemoryDataKeyStore();
  const masters = MasterKeys.parse(newMasterKey());
  const keys = new DataKeys(keyStore, masters, () => 1, 0);
  const stored = new Map<string, { readonly data: Uint8Array; readonly sequence: number }>();
  const bus = {
    publish: async (subject: string, body: string | Uint8Array, { expected }: PublishOptions = {}) => {
      const last = stored.get(subject)?.sequence ?? 0;
      if (expected !== undefined && expected.sequence !== last) return { status: 'conflict', lastSequence: last } as const;
      stored.set(subject, { data: new TextEncoder().encode(String(body)), sequence: last + 1 });
      return { status: 'stored', sequence: last + 1, duplicate: false } as const;
    },
    lastBySubject: async (_stream: string, subject: string): Promise<StoredMessage | undefined> => {
      const found = stored.get(subject);
      return found === undefined ? undefined : { subject, header: () => undefined, ...found };
    },
  };
  const store = new BusEffectStore(bus, keys);
  const dataKey = await keys.begin({ tenant: 'acme', runId: 'run-1' }, 'customer-7');
  const erase = async (): Promise<void> => void (await keys.eraseBefore('acme', 'customer-7', keyStore.order('acme', 'customer-7')));
  const raw = (): string => [...stored.values()].map(({ data }) => new TextDecoder().decode(data)).join('\n');
  return { bus, stored, keys, dataKey, erase, raw, ledger: (owner: string) => new Ledger({ store, owner, graceMs: 0 }) };
}

const asked = (runId: string, dataKey?: DataKeyName): Operation => ({ tenant: 'acme', tool: 'pay', operationKey: OPERATION_KEY, identity: { payee: NAME }, argumentsDigest: 'b'.repeat(64), runId, callId: 'c1-1', attemptMs: 1_000, ...(dataKey === undefined ? {} : { dataKey }) });

async function pay(ledger: Ledger, operation: Operation): Promise<void> {
  const claim = await ledger.claim(operation, { waitUntil: 0 });
  if (claim.status !== 'granted') throw new Error(claim.status);
  expect(await ledger.record(claim.claim, { status: 'succeeded', result: { receipt: `paid ${NAME}` }, replayed: false, attempts: [{ at: 1, durationMs: 1, outcome: `told ${NAME}` }] })).toBe('recorded');
}

describe('the ledger of a run about a data subject', () => {
  it('keeps what it says encrypted, and gives it to whoever asks for the same operation', async () => {
    const { ledger, dataKey, raw } = await installation();
    const one = ledger('one');
    const claim = await one.claim(asked('run-1', dataKey), { waitUntil: 0 });
    expect(raw()).toContain('"kind":"claim"');
    expect(raw()).not.toContain('Mustermann');
    if (claim.status !== 'granted') throw new Error(claim.status);
    await one.record(claim.claim, { status: 'succeeded', result: { receipt: `paid ${NAME}` }, replayed: false, attempts: [] });
    expect(raw()).not.toContain('Mustermann');
    expect(await ledger('two').claim(asked('run-2'), { waitUntil: 0 })).toEqual({ status: 'settled', outcome: { status: 'succeeded', result: { receipt: `paid ${NAME}` }, replayed: true, attempts: [] } });
  });

  it('knows after the erasure that it was done, and nothing more', async () => {
    const { ledger, dataKey, erase } = await installation();
    await pay(ledger('one'), asked('run-1', dataKey));
    await erase();
    const again = await ledger('two').claim(asked('run-2'), { waitUntil: 0 });
    expect(again).toMatchObject({ status: 'settled', outcome: { status: 'succeeded', replayed: true, attempts: [] } });
    expect(JSON.stringify(again)).not.toContain('Mustermann');
  });

  it('records an outcome that comes after the erasure without what it says', async () => {
    const { ledger, dataKey, erase, raw } = await installation();
    const one = ledger('one');
    const claim = await one.claim(asked('run-1', dataKey), { waitUntil: 0 });
    if (claim.status !== 'granted') throw new Error(claim.status);
    await erase();
    expect(await one.record(claim.claim, { status: 'failed', failure: { code: 'pay.refused', message: NAME, retryable: false, remedy: NAME }, attempts: [] })).toBe('recorded');
    expect(raw()).not.toContain('Mustermann');
    expect(raw()).toContain('pay.refused');
  });

  it('is neither read nor written by a worker without keys', async () => {
    const { bus, stored, ledger, dataKey } = await installation();
    const without = new BusEffectStore(bus);
    await expect(without.append('effects.acme.pay.x', { kind: 'claim', ...asked('run-1', dataKey), run: 'run-1', owner: 'o', epoch: 1, at: 1 } as never, 0)).rejects.toMatchObject({ code: 'data-key.master-missing', retryable: true });
    expect(stored.size).toBe(0);
    await pay(ledger('one'), asked('run-1', dataKey));
    await expect(without.last(subjects.effect('acme', 'pay', OPERATION_KEY))).rejects.toMatchObject({ code: 'data-key.master-missing' });
  });

  it('takes no ciphertext of another operation for its own', async () => {
    const { ledger, dataKey, stored, keys } = await installation();
    await pay(ledger('one'), asked('run-1', dataKey));
    const record: EffectRecord = effectRecord.parse(JSON.parse(new TextDecoder().decode([...stored.values()][0]?.data)));
    await expect(decrypted(keys, record, 'effects.acme.pay.other')).rejects.toMatchObject({ code: 'effect.corrupt' });
  });

  it('of a run about nobody is stored as ever', async () => {
    const { ledger, raw } = await installation();
    await pay(ledger('one'), asked('run-1'));
    expect(raw()).toContain('Mustermann');
    expect(raw()).not.toContain('encrypted');
  });
});
