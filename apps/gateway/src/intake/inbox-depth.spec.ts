import { beforeEach, describe, expect, it } from '@jest/globals';
import { InboxDepth } from './inbox-depth.js';

/** A broker's inbox: how many tasks of each tenant wait. */
const waiting = new Map<string, number>();
const asked: string[] = [];
let now = 0;
let away = false;

const count = async (filter: string): Promise<number> => {
  asked.push(filter);
  if (away) throw new Error('no broker');
  const tenant = filter.split('.')[2] ?? '';
  return tenant === '*' ? [...waiting.values()].reduce((sum, tasks) => sum + tasks, 0) : waiting.get(tenant) ?? 0;
};
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Tasks that are taken before one is refused, and with which code. */
async function takeUntilRefused(depth: InboxDepth, tenant: string, most = 1_000): Promise<readonly [number, string | undefined]> {
  for (let taken = 0; taken < most; taken += 1) {
    try {
      depth.admit(tenant);
    } catch (error) {
      return [taken, (error as { code: string }).code];
    }
    waiting.set(tenant, (waiting.get(tenant) ?? 0) + 1);
    await settle();
  }
  return [most, undefined];
}

beforeEach(() => {
  waiting.clear();
  asked.length = 0;
  now = 0;
  away = false;
});

describe('the depth of the inbox', () => {
  it('turns one tenant\'s flood away at its limit, and lets others in', async () => {
    const depth = new InboxDepth(count, { perTenant: 50, total: 1_000 }, () => now);
    expect(await takeUntilRefused(depth, 'flood')).toEqual([50, 'task.tenant-busy']);
    expect(await takeUntilRefused(depth, 'other', 10)).toEqual([10, undefined]);
  });

  it('turns everybody away when too much waits in all', async () => {
    const depth = new InboxDepth(count, { perTenant: 50, total: 60 }, () => now);
    expect(await takeUntilRefused(depth, 'one')).toEqual([50, 'task.tenant-busy']);
    expect(await takeUntilRefused(depth, 'two')).toEqual([10, 'task.inbox-full']);
  });

  it('lets in again what the orchestrator has taken out', async () => {
    const depth = new InboxDepth(count, { perTenant: 50, total: 1_000 }, () => now);
    await takeUntilRefused(depth, 'flood');
    waiting.set('flood', 20);
    now += 250;
    // The first look finds the old count and has it read again.
    expect(await takeUntilRefused(depth, 'flood')).toEqual([0, 'task.tenant-busy']);
    await settle();
    expect(await takeUntilRefused(depth, 'flood')).toEqual([30, 'task.tenant-busy']);
  });

  it('knows what other gateways have put in', async () => {
    const depth = new InboxDepth(count, { perTenant: 50, total: 1_000 }, () => now);
    waiting.set('flood', 45);
    depth.admit('flood');
    await settle();
    expect((await takeUntilRefused(depth, 'flood'))[0]).toBeLessThanOrEqual(5);
  });

  it('asks once in a quarter of a second, however many tasks come, and goes by what it knows while the broker is away', async () => {
    const depth = new InboxDepth(count, { perTenant: 50, total: 1_000 }, () => now);
    await takeUntilRefused(depth, 'flood');
    expect(asked).toEqual(['inbox.*.flood.*.task', 'inbox.*.*.*.task']);
    away = true;
    now += 250;
    expect((await takeUntilRefused(depth, 'flood'))[1]).toBe('task.tenant-busy');
  });
});
