import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import type { ToolOutcome } from '@holdfast/contracts';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { Ledger, operationKey, type Operation } from '@holdfast/tool-sdk';
import { describeEffectStore } from '@holdfast/tool-sdk/effect-store.suite';
import { BusEffectStore } from './bus-effect-store.js';

const LONG = 60_000;

let broker: TestBroker;
let bus: Bus;
beforeAll(async () => {
  broker = await startTestBroker();
  bus = await Bus.connect({ url: broker.url, role: 'tools', seed: broker.seedOf('tools'), name: 'contract-tools' });
}, LONG);
afterAll(async () => {
  await bus.close();
  await broker.stop();
});

describeEffectStore('the stream EFFECTS', () => Promise.resolve(new BusEffectStore(bus)));

describe('an operation with a retention', () => {
  const named = (invoice: string, runId = 'run-1'): Operation => ({
    tenant: 'acme', tool: 'pay', identity: { invoice }, operationKey: operationKey({ tenant: 'acme', tool: 'pay', identity: { invoice } }), argumentsDigest: 'b'.repeat(64), runId, callId: 'c1-1', attemptMs: 1_000, retentionMs: 1_000,
  });
  const paid: ToolOutcome = { status: 'succeeded', result: 'paid', replayed: false, attempts: [] };
  const ask = (ledger: Ledger, operation: Operation) => ledger.claim(operation, { waitUntil: 0, isFirst: true });
  async function pay(ledger: Ledger, operation: Operation): Promise<void> {
    const answer = await ask(ledger, operation);
    if (answer.status !== 'granted') throw new Error('settled already');
    await ledger.record(answer.claim, paid);
    ledger.release(answer.claim);
  }

  it('is not done again within it, and is after it, though all of it lies within the broker\'s window for duplicates', async () => {
    const ledger = new Ledger({ store: new BusEffectStore(bus), owner: 'one', graceMs: 0 });
    await pay(ledger, named('i-1'));
    expect(await ask(ledger, named('i-1', 'run-2'))).toMatchObject({ status: 'settled', outcome: { replayed: true } });

    let answer = await ask(ledger, named('i-1', 'run-2'));
    while (answer.status === 'settled') answer = await ask(ledger, named('i-1', 'run-2'));
    expect(answer.claim).toMatchObject({ inherited: false });
    expect(await ledger.record(answer.claim, paid)).toBe('recorded');
  }, LONG);

  it('is forgotten by the broker also when that was killed meanwhile, and nothing else is', async () => {
    const store = new BusEffectStore(bus);
    const ledger = new Ledger({ store, owner: 'one', graceMs: 0 });
    const subject = (invoice: string): string => `effects.acme.pay.${named(invoice).operationKey}`;
    await pay(ledger, named('i-2'));
    await pay(ledger, { ...named('i-3'), retentionMs: undefined });
    await broker.kill();
    await broker.restart();

    const there = (invoice: string): Promise<boolean> => store.last(subject(invoice)).then((last) => last !== undefined, () => true);
    while (await there('i-2')) await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await store.last(subject('i-3')))?.record).toMatchObject({ kind: 'outcome', outcome: paid });
  }, LONG);
});
