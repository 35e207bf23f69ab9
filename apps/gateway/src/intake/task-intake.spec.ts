import { beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkMessage } from '@holdfast/bus';
import { FakeBus } from '../gateway.fixture.js';
import { FactInbox } from './fact-inbox.js';
import { taskEvent } from '@holdfast/contracts';
import { runIdOf, taskFactId } from './run-id.js';
import { TaskIntake } from './task-intake.js';

const event = { specversion: '1.0', id: 'inv-1', source: '/erp', type: 'invoice.received', data: { goal: 'Pay.' } };

const message = (data: string | Uint8Array, headers: Record<string, string> = {}, subject = 'tasks.acme'): WorkMessage => ({
  subject, data: typeof data === 'string' ? new TextEncoder().encode(data) : data, sequence: 7, deliveries: 1, header: (name) => headers[name],
});

describe('the intake of task events', () => {
  let bus: FakeBus;
  let intake: TaskIntake;

  beforeEach(() => {
    bus = new FakeBus();
    intake = new TaskIntake({ bus, inbox: new FactInbox(bus, 2), logger: { warn: () => undefined }, clock: () => 42 });
  });

  it('is done with an event once its fact is stored', async () => {
    const result = await intake.handle(message(JSON.stringify(event)));

    expect(result).toBe('done');
    expect(bus.published.map((fact) => fact.body)).toEqual([{ kind: 'task', id: taskFactId(runIdOf('acme', '/erp', 'inv-1'), taskEvent.parse(event)), event, requester: 'source:/erp' }]);
  });

  it.each([['a valid event', JSON.stringify(event)], ['an invalid one', 'no JSON']])('gives %s back when the broker does not confirm', async (_name, data) => {
    bus.answer = { status: 'unknown', reason: 'timeout' };

    expect(await intake.handle(message(data))).toEqual({ againAfterMs: expect.any(Number) });
  });

  it('reads binary mode however the headers are written', async () => {
    const head = { 'Ce-Specversion': '1.0', 'Ce-Id': 'inv-1', 'Ce-Source': '/erp', 'ce-type': 'invoice.received', 'Content-Type': 'application/json' };
    await intake.handle(message(JSON.stringify({ goal: 'Pay.' }), head));

    expect(bus.published[0]?.body).toMatchObject({ event: { ...event, datacontenttype: 'application/json' } });
  });

  it('carries scope and thread over from either mode', async () => {
    const head = { 'ce-specversion': '1.0', 'ce-id': 'inv-1', 'ce-source': '/erp', 'ce-type': 'invoice.received', 'ce-scope': 'look_up', 'ce-thread': 't1', 'Content-Type': 'application/json' };
    await intake.handle(message(JSON.stringify({ goal: 'Pay.' }), head));
    await intake.handle(message(JSON.stringify({ ...event, id: 'inv-2', scope: 'look_up', thread: 't1' })));

    expect(bus.published.map(({ body }) => (body as { event: object }).event)).toEqual([expect.objectContaining({ scope: 'look_up', thread: 't1' }), expect.objectContaining({ scope: 'look_up', thread: 't1' })]);
  });

  it('follows the trace of the event rather than that of the message, and neither when it is malformed', async () => {
    const trace = (digit: string): string => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;
    await intake.handle(message(JSON.stringify({ ...event, traceparent: trace('1') }), { traceparent: trace('2') }));
    await intake.handle(message(JSON.stringify({ ...event, id: 'inv-2' }), { traceparent: trace('2'), tracestate: 'a=b' }));
    await intake.handle(message(JSON.stringify({ ...event, id: 'inv-3', traceparent: 'x\r\nNats-Rollup: all' })));

    expect(bus.published.map((fact) => fact.options?.headers)).toEqual([{ traceparent: trace('1') }, { traceparent: trace('2'), tracestate: 'a=b' }, {}]);
  });

  it.each([
    ['what is no JSON', message('{'), 'task.invalid', 'JSON'],
    ['what is no text', message(new Uint8Array([0xff])), 'task.invalid', 'UTF-8'],
    ['JSON that is no event', message('[1]'), 'task.invalid', 'object'],
    ['an event of another version', message(JSON.stringify({ ...event, specversion: '0.3' })), 'task.invalid', 'specversion'],
    ['an event without a goal', message(JSON.stringify({ ...event, data: {} })), 'task.invalid', 'data.goal'],
    ['a thread that is no name', message(JSON.stringify({ ...event, thread: 'a.b' })), 'task.invalid', 'thread'],
    ['a header that is encoded wrongly', message('{}', { 'ce-specversion': '1.0', 'ce-id': '%E0%A4' }), 'task.invalid', 'percent-encoded'],
    ['an event that is too large', message(JSON.stringify({ ...event, data: { goal: 'x', text: 'y'.repeat(300_000) } })), 'task.too-large', '262144'],
    ['an event that is nested too deep', message(`{"a":${'['.repeat(9_000)}${']'.repeat(9_000)}}`), 'request.malformed', 'nested'],
  ])('puts %s on the dead-letter list once, with the reason', async (_name, refused, code, reason) => {
    const results = [await intake.handle(refused), await intake.handle(refused)];

    expect(results).toEqual(['done', 'done']);
    const told = { subject: expect.stringMatching(/^event\.acme\.task\.\d+-[0-9a-f]{24}\.task-refused$/), body: expect.objectContaining({ type: 'holdfast.task-refused', data: { code, remedy: expect.any(String), sequence: expect.any(Number) } }) };
    expect(bus.published).toEqual([expect.objectContaining(told), expect.objectContaining({ subject: expect.stringMatching(/^dead\.acme\.intake\.\d+-[0-9a-f]{24}$/), body: expect.objectContaining({ at: 42, subject: 'tasks.acme', code, reason: expect.stringContaining(reason), remedy: expect.any(String) }) })]);
    expect(JSON.stringify(bus.published).length).toBeLessThan(150_000);
  });

  it('keeps of an event that names a data subject why it was refused, and not what it says', async () => {
    await intake.handle(message(JSON.stringify({ ...event, datasubject: 'customer-7', data: { name: 'Mustermann' } })));
    await intake.handle(message('{"name":"Mustermann"}', { 'ce-specversion': '1.0', 'ce-datasubject': 'a.b' }));
    await intake.handle(message('{"dataSubject":"customer-7","name":"Mustermann"'));

    const letters = bus.published.filter(({ subject }) => subject.startsWith('dead.'));
    expect(letters).toHaveLength(3);
    expect(JSON.stringify(bus.published)).not.toContain('Mustermann');
    expect(letters.map(({ body }) => (body as { payload: string }).payload)).toEqual(Array.from({ length: 3 }, () => '[not kept: it is about a data subject]'));
  });

  it('does not let a subject name a tenant that is none', async () => {
    await intake.handle(message(JSON.stringify(event), {}, 'tasks.a$b'));

    expect(bus.published).toEqual([expect.objectContaining({ subject: expect.stringMatching(/^dead\.unknown\.intake\./), body: expect.objectContaining({ code: 'task.tenant-invalid' }) })]);
  });

  it('cuts a requester that a fact cannot hold, and two that begin alike stay two', async () => {
    for (const source of [`/${'s'.repeat(500)}`, `/${'s'.repeat(501)}`]) await intake.handle(message(JSON.stringify({ ...event, source })));

    const requesters = bus.published.map(({ body }) => (body as { requester: string }).requester);
    expect(requesters.map(({ length }) => length)).toEqual([256, 256]);
    expect(new Set(requesters).size).toBe(2);
  });

  it('never lets a publisher be taken for the holder of an API key, whatever source it names', async () => {
    await intake.handle(message(JSON.stringify({ ...event, source: 'otto' })));

    expect(bus.published.map(({ body }) => (body as { requester: string }).requester)).toEqual(['source:otto']);
  });
});
