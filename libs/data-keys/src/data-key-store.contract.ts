import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { subjects } from '@holdfast/contracts';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { describeDataKeyStore } from './data-key-store.suite.js';
import { BusDataKeyStore } from './index.js';

let broker: TestBroker;
let buses: Bus[];
const bus = (role: 'orchestrator' | 'gateway' | 'tools'): Bus => {
  const found = buses.find((each) => each.role === role);
  if (found === undefined) throw new TypeError(role);
  return found;
};

beforeAll(async () => {
  broker = await startTestBroker();
  buses = await Promise.all((['orchestrator', 'gateway', 'tools'] as const).map((role) => Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: `contract-data-keys-${role}` })));
});
afterAll(async () => {
  await Promise.all(buses.map((each) => each.close()));
  await broker.stop();
});

describeDataKeyStore('the stream DATA_KEYS', async () => ({
  store: new BusDataKeyStore(bus('orchestrator')),
  order: async (tenant, dataSubject) => {
    const answer = await bus('gateway').publish(subjects.erasure(tenant, dataSubject), JSON.stringify({ at: 1, by: 'ada', reason: 'r' }));
    if (answer.status !== 'stored') throw new Error(answer.status);
    return answer.sequence;
  },
}));

describe('the stream of data keys', () => {
  const place = { tenant: 'acme', dataSubject: 'on-disk', generation: 0 };

  it('holds nothing of an erased key any more, not even in what the broker has on its disk', async () => {
    const store = new BusDataKeyStore(bus('orchestrator'));
    const wrapped = Buffer.from('a wrapped key that must not be found again'.repeat(3)).toString('base64');
    const find = (): string => execFileSync('sh', ['-c', `grep -rlaF ${wrapped.slice(0, 60)} ${broker.storeDirectory} || true`], { encoding: 'utf8' });
    await store.create(place, { id: '0'.repeat(16), wrapped, master: 'm', at: 1 });
    expect(find()).toContain('DATA_KEYS');
    await store.erase(place, 2);
    expect(find()).toBe('');
  });

  it('is read by whoever reads commits, and written and deleted by the orchestrator alone', async () => {
    const reader = new BusDataKeyStore(bus('tools'));
    expect((await reader.read(place))?.record).toEqual({ erasedAt: 2 });
    for (const role of ['gateway', 'tools'] as const) {
      expect((await bus(role).publish(subjects.dataKey('acme', 'forged', 0), '{}', { timeoutMs: 300 }).catch(() => ({ status: 'refused' }))).status).not.toBe('stored');
      await expect(bus(role).request(subjects.deleteDataKey(), { seq: 1 }, { safeParse: () => ({ success: true, data: undefined }) } as never, { timeoutMs: 300 })).rejects.toBeDefined();
    }
    expect(await reader.read({ tenant: 'acme', dataSubject: 'forged', generation: 0 })).toBeUndefined();
  });
});
