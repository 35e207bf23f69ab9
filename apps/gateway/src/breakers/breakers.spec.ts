import { describe, expect, it } from '@jest/globals';
import type { StoredMessage } from '@holdfast/bus';
import { subjects } from '@holdfast/contracts';
import { breakersAt } from './breakers.js';

const AT = Date.parse('2026-01-01T00:00:00Z');

function bus(...records: readonly (readonly [tool: string, record: unknown, stamp?: string])[]) {
  const asked: unknown[] = [];
  const messages = records.map(([tool, record, stamp = new Date(AT).toISOString()], at): StoredMessage => ({ subject: subjects.guardRecord(tool, 'breaker'), sequence: at + 1, data: new TextEncoder().encode(JSON.stringify(record)), header: (name) => (name === 'Nats-Time-Stamp' ? stamp : undefined) }));
  return { asked, getBatch: async (stream: string, from: number, batch: number, filter?: string) => { asked.push([stream, filter]); return messages.filter(({ sequence }) => sequence >= from).slice(0, batch); } };
}

describe('the breakers of tools', () => {
  it('are told by name, with until when a tool is left alone or tried by one', async () => {
    const stored = bus(['pay', { state: 'open', forMs: 5_000, reason: 'the bank answered 503 about the invoice of somebody' }], ['mail', { state: 'closed' }], ['order', { state: 'probing', forMs: 9_000, by: 'tools-1' }]);

    expect(await breakersAt(stored, AT + 1_000)).toEqual({
      breakers: [{ tool: 'mail', state: 'closed', since: AT }, { tool: 'order', state: 'probing', since: AT, until: AT + 9_000 }, { tool: 'pay', state: 'open', since: AT, until: AT + 5_000 }],
    });
    expect(stored.asked).toEqual([['KV_guards', '$KV.guards.*.breaker']]);
  });

  it('are due from the very moment at which their time has passed', async () => {
    const open = ['pay', { state: 'open', forMs: 5_000, reason: '' }] as const;

    expect((await breakersAt(bus(open), AT + 4_999)).breakers).toMatchObject([{ state: 'open' }]);
    expect((await breakersAt(bus(open), AT + 5_000)).breakers).toEqual([{ tool: 'pay', state: 'due', since: AT }]);
  });

  it('do not repeat why one opened, since another tenant\'s call may have failed', async () => {
    expect(JSON.stringify(await breakersAt(bus(['pay', { state: 'open', forMs: 5_000, reason: 'the invoice of globex' }]), AT))).not.toContain('globex');
  });

  it('are those that can be read: what cannot says nothing, as it does to the workers', async () => {
    expect(await breakersAt(bus(['pay', { state: 'ajar' }], ['mail', { state: 'closed' }, 'at some time'], ['order', { state: 'closed' }]), AT)).toEqual({ breakers: [{ tool: 'order', state: 'closed', since: AT }] });
  });
});
