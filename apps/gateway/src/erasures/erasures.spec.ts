import { describe, expect, it } from '@jest/globals';
import type { PublishAnswer } from '@holdfast/bus';
import { HoldfastError } from '@holdfast/contracts';
import type { Principal } from '../edge/api-keys.js';
import { ErasuresController } from './erasures.controller.js';
import { eraseSubject } from './erasures.endpoints.js';

const caller: Principal = { name: 'ada', tenant: 'acme', roles: ['admin'], groups: [] };

function controller(stored: PublishAnswer, answer: () => unknown = () => ({ documents: 2, turns: 3 })) {
  const done: unknown[] = [];
  const bus = {
    publish: async (subject: string, body: string) => {
      done.push({ subject, ...(JSON.parse(body) as object) });
      return stored;
    },
    request: async (subject: string, value: object) => {
      done.push({ subject, ...value });
      return answer();
    },
  };
  const looked: unknown[] = [];
  // An orchestrator has carried the order out at the second look.
  const dataKeys = { isErasedBefore: async (...order: unknown[]) => looked.push(order) >= 2 };
  return { erasures: new ErasuresController(bus as never, dataKeys), done, looked };
}

describe('an order to erase', () => {
  it('is durable, with who gave it and why, before memory is asked to carry it out', async () => {
    const { erasures, done, looked } = controller({ status: 'stored', sequence: 41, duplicate: false });
    expect(await erasures.erase(caller, { dataSubject: 'customer-7', reason: 'asked for' })).toEqual({ documents: 2, turns: 3, log: 'erased', at: expect.any(Number) });
    expect(looked).toEqual([['acme', 'customer-7', 41], ['acme', 'customer-7', 41]]);
    expect(done).toEqual([{ subject: 'erasure.acme.customer-7', at: expect.any(Number), by: 'ada', reason: 'asked for' }, { subject: 'memory.erase', tenant: 'acme', dataSubject: 'customer-7' }]);
    expect(eraseSubject.role).toBe('admin');
  });

  it('is told as pending while memory does not answer, and as not stored where it is not', async () => {
    const unanswered = (): never => { throw new HoldfastError({ code: 'bus.unanswered', message: 'Nobody answered.', retryable: true, remedy: 'Wait.' }); };
    await expect(controller({ status: 'stored', sequence: 1, duplicate: false }, unanswered).erasures.erase(caller, { dataSubject: 'c', reason: 'r' })).rejects.toMatchObject({ code: 'erasure.pending', retryable: true });
    const { erasures, done } = controller({ status: 'unknown', reason: 'no answer' });
    await expect(erasures.erase(caller, { dataSubject: 'c', reason: 'r' })).rejects.toMatchObject({ code: 'gateway.not-stored' });
    expect(done).toHaveLength(1);
  });

  it.each([[{ dataSubject: 'a.b', reason: 'r' }], [{ dataSubject: 'a.>', reason: 'r' }], [{ dataSubject: 'a' }], [{ dataSubject: 'a', reason: 'r', tenant: 'rival' }]])('is refused as %j', async (body) => {
    const { erasures, done } = controller({ status: 'stored', sequence: 1, duplicate: false });
    await expect(erasures.erase(caller, body)).rejects.toMatchObject({ code: 'request.invalid' });
    expect(done).toEqual([]);
  });
});
