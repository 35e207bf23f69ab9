import { describe, expect, it } from '@jest/globals';
import type { Bus } from '@holdfast/bus';
import type { Principal } from '../edge/api-keys.js';
import { ThreadsController } from './threads.controller.js';
import { rebuildThreads } from './threads.endpoints.js';

const caller: Principal = { name: 'ada', tenant: 'acme', roles: ['viewer'], groups: [] } as never;

function controller(answer: unknown) {
  const asked: unknown[] = [];
  const request = async (subject: string, value: unknown): Promise<unknown> => {
    asked.push({ subject, value });
    return answer;
  };
  return { threads: new ThreadsController({ request } as unknown as Pick<Bus, 'request'>), asked };
}

describe('threads at the edge', () => {
  it('are those of the key\'s own tenant, without what is secret in them', async () => {
    const label = (secrecy: string) => ({ trust: 'model', secrecy, source: 'thread' });
    const { threads, asked } = controller({ thread: 't1', total: 1, turns: [{ runId: 'r1', requester: 'ada', askedAt: 1, status: 'completed', goal: { text: 'What is the pin?', label: label('internal') }, answer: { text: '4711', label: label('secret') } }] });

    expect(await threads.thread(caller, { thread: 't1' }, { offset: '20' })).toMatchObject({ total: 1, turns: [{ goal: { text: 'What is the pin?' }, answer: { text: '[secret]' } }] });
    expect(asked).toEqual([{ subject: 'memory.thread', value: { tenant: 'acme', thread: 't1', offset: 20 } }]);
  });

  it.each([[{ thread: 'a.b' }, {}], [{ thread: 't1' }, { offset: '-1' }], [{ thread: 't1', tenant: 'rival' }, {}]])('are refused under %j %j', async (parameters, query) => {
    const { threads, asked } = controller({});
    await expect(threads.thread(caller, parameters, query)).rejects.toMatchObject({ code: 'request.invalid' });
    expect(asked).toEqual([]);
  });

  it('are made again for an administrator', async () => {
    const { threads, asked } = controller({ behind: 3, turns: 0, checksum: 'a'.repeat(64) });
    expect(rebuildThreads.role).toBe('admin');
    expect(await threads.rebuild()).toMatchObject({ behind: 3 });
    expect(asked).toEqual([{ subject: 'memory.threads', value: { rebuild: true } }]);
  });
});
