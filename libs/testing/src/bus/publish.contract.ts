import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bus } from '@holdfast/bus';
import { Bench, until } from './bench.fixture.js';

describe('publishing to a stream', () => {
  let bench: Bench;
  let orchestrator: Bus;
  beforeAll(async () => {
    bench = await Bench.start();
    orchestrator = await bench.bus('orchestrator');
  });
  afterAll(() => bench.stop());

  const messages = async (): Promise<number> => (await bench.api<{ state: { messages: number } }>('STREAM.INFO.LOG-0')).state.messages;

  it('answers with the sequence under which the message is stored, with its headers', async () => {
    const answer = await orchestrator.publish('log.0.acme.p1.plan', 'first', { headers: { traceparent: '00-a-b-01' } });
    expect(answer).toEqual({ status: 'stored', sequence: expect.any(Number), duplicate: false });
    const stored = await orchestrator.lastBySubject('LOG-0', 'log.0.acme.p1.>');
    expect(new TextDecoder().decode(stored?.data)).toBe('first');
    expect(stored?.header('traceparent')).toBe('00-a-b-01');
  });

  it('stores nothing on a conflict and names the last sequence', async () => {
    const expected = { sequence: 0, filter: 'log.0.acme.p2.>' };
    const first = await orchestrator.publish('log.0.acme.p2.plan', 'first', { expected });
    if (first.status !== 'stored') throw new Error('not stored');
    const before = await messages();
    expect(await orchestrator.publish('log.0.acme.p2.wait', 'rival', { expected })).toEqual({ status: 'conflict', lastSequence: first.sequence });
    expect(await messages()).toBe(before);
  });

  it('fences a run by its filter: other routes of the run count, other runs do not', async () => {
    const filter = 'log.0.acme.p3.>';
    const first = await orchestrator.publish('log.0.acme.p3.plan', '1', { expected: { sequence: 0, filter } });
    if (first.status !== 'stored') throw new Error('not stored');
    await orchestrator.publish('log.0.acme.p4.plan', 'another run');
    const second = await orchestrator.publish('log.0.acme.p3.call.default', '2', { expected: { sequence: first.sequence, filter } });
    if (second.status !== 'stored') throw new Error('not stored');
    expect(await orchestrator.publish('log.0.acme.p3.plan', '3', { expected: { sequence: first.sequence, filter } })).toEqual({ status: 'conflict', lastSequence: second.sequence });
  });

  it('lets exactly one of many rivals through', async () => {
    const expected = { sequence: 0, filter: 'log.0.acme.p5.>' };
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => orchestrator.publish('log.0.acme.p5.plan', `rival ${index}`, { expected })));
    expect(answers.filter(({ status }) => status === 'stored')).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 'conflict')).toHaveLength(49);
  });

  it('without a filter expects the last sequence of the subject itself', async () => {
    const subject = 'log.0.acme.p6.plan';
    const first = await orchestrator.publish(subject, '1', { expected: { sequence: 0 } });
    if (first.status !== 'stored') throw new Error('not stored');
    expect(await orchestrator.publish(subject, '2', { expected: { sequence: 0 } })).toEqual({ status: 'conflict', lastSequence: first.sequence });
  });

  it('stores a message id once', async () => {
    const first = await orchestrator.publish('log.0.acme.p7.plan', '1', { messageId: 'one' });
    if (first.status !== 'stored') throw new Error('not stored');
    expect(await orchestrator.publish('log.0.acme.p7.plan', '1', { messageId: 'one' })).toEqual({ ...first, duplicate: true });
  });

  it('lets a message end after a time, rounded up to seconds, and none that names no end', async () => {
    const tools = await bench.bus('tools');
    const publish = (name: string, ttlMs?: number) => tools.publish(`effects.acme.pay.${name}`, name, { expected: { sequence: 0 }, ttlMs });
    await publish('stays');
    await publish('ends', 1);
    await until(async () => (await tools.lastBySubject('EFFECTS', 'effects.acme.pay.ends')) === undefined);

    expect(await publish('ends', 1)).toMatchObject({ status: 'stored' });
    expect(await publish('stays')).toMatchObject({ status: 'conflict' });
  });

  it.each([
    ['that the role may not publish', 'inbox.0.acme.p8.task', 'x', {}],
    ['that is no subject', 'log.0.acme.white space.plan', 'x', {}],
    ['that is larger than the broker takes', 'log.0.acme.p8.plan', 'x'.repeat(1_100_000), {}],
    ['that may not name its own end', 'log.0.acme.p8.plan', 'x', { ttlMs: 1_000 }],
    ['that the stream refuses', 'log.0.acme.p8.plan', 'x', { headers: { 'Nats-Expected-Stream': 'LOG-1' } }],
  ])('throws, and stores nothing, for a message %s', async (_, subject, payload, options) => {
    const before = await messages();
    await expect(orchestrator.publish(subject, payload, options)).rejects.toMatchObject({ code: 'bus.rejected', retryable: false });
    expect(await messages()).toBe(before);
  });

  it('does not know what became of a message for which no stream answers', async () => {
    expect(await orchestrator.publish('log.99.acme.p9.plan', 'x')).toEqual({ status: 'unknown', reason: expect.stringContaining('no responders') });
  });

  it('does not know what became of a message while the broker is down, and goes on when it is back', async () => {
    const before = await messages();
    await bench.broker.kill();
    expect(await orchestrator.publish('log.0.acme.p10.plan', 'x', { timeoutMs: 300 })).toEqual({ status: 'unknown', reason: expect.any(String) });
    expect(await orchestrator.isReady()).toBe(false);
    await bench.broker.restart();
    let status = 'unknown';
    for (let tries = 0; tries < 40 && status === 'unknown'; tries += 1) ({ status } = await orchestrator.publish('log.0.acme.p10.plan', 'x', { timeoutMs: 500 }));
    expect(status).toBe('stored');
    expect(await orchestrator.isReady()).toBe(true);
    expect(await messages()).toBeGreaterThan(before);
  });
});
