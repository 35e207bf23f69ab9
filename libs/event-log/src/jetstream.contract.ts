import { describe, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { startTestBroker } from '@holdfast/testing';
import { JetStreamEventLog } from './index.js';
import { eventLogContract } from './event-log.suite.js';

const PARTITIONS = 3;

eventLogContract('JetStream', async () => {
  const broker = await startTestBroker({ partitions: PARTITIONS });
  const open: Bus[] = [];
  const connect = async (role: 'orchestrator' | 'gateway'): Promise<JetStreamEventLog> => {
    const bus = await Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: `contract-${role}` });
    open.push(bus);
    return new JetStreamEventLog(bus, PARTITIONS);
  };
  return {
    openWriter: () => connect('orchestrator'),
    openReader: () => connect('gateway'),
    caughtUp: async () => undefined,
    close: async () => {
      await Promise.all(open.map((bus) => bus.close()));
      await broker.stop();
    },
  };
});

describe('a log with a commit that cannot be read', () => {
  it('leaves that commit out of scans, names its place, and goes on with all others', async () => {
    const broker = await startTestBroker({ partitions: 1 });
    const bus = await Bus.connect({ url: broker.url, role: 'orchestrator', seed: broker.seedOf('orchestrator'), name: 'contract-unreadable' });
    const unreadable: unknown[] = [];
    const log = new JetStreamEventLog(bus, 1, (error) => unreadable.push(error));
    const begin = (runId: string) => log.append({ tenant: 'acme', runId }, { at: 1, cause: { kind: 'test', id: runId }, route: 'wait', events: [{ type: 'timer-fired', timerId: 't' }] }, undefined);
    await begin('before');
    await bus.publish('log.0.acme.broken.wait', '{"format":1,"nonsense":true}');
    await begin('after');

    const found = await log.readPartition(0, 1, 2);
    const seen: string[] = [];
    const subscription = log.follow([], (recorded) => seen.push(recorded.commit.runId));
    await subscription.caughtUp();
    subscription.stop();
    await bus.close();
    await broker.stop();

    expect(found.map((recorded) => recorded.commit.runId)).toEqual(['before', 'after']);
    expect(seen).toEqual(['before', 'after']);
    expect(String(unreadable[0])).toContain('LOG-0, sequence 2');
  });
});

describe('a log whose stream vanishes', () => {
  it('calls appends unavailable and reads failed with a remedy, and works again once the installer has made it anew', async () => {
    const broker = await startTestBroker({ partitions: 1 });
    const open = (role: 'orchestrator', seed: string) => Bus.connect({ url: broker.url, role, seed, name: 'contract-vanished' });
    const [bus, owner] = [await open('orchestrator', broker.seedOf('orchestrator')), await open('orchestrator', broker.seedOf('CORE'))];
    const log = new JetStreamEventLog(bus, 1, undefined, { appendDeadlineMs: 500 });
    const begin = (runId: string) => log.append({ tenant: 'acme', runId }, { at: 1, cause: { kind: 'test', id: runId }, route: 'wait', events: [{ type: 'timer-fired', timerId: 't' }] }, undefined);
    const seen: string[] = [];
    try {
      expect((await begin('before')).status).toBe('appended');
      await owner.publish('$JS.API.STREAM.DELETE.LOG-0', '');
      expect(await begin('meanwhile')).toMatchObject({ status: 'unavailable', code: 'log.unavailable', remedy: expect.stringContaining('LOG-0') });
      await expect(log.head({ tenant: 'acme', runId: 'before' })).rejects.toMatchObject({ code: 'log.unavailable', retryable: true });
      const subscription = log.follow([], (recorded) => seen.push(recorded.commit.runId));
      await broker.install();
      expect((await begin('after')).status).toBe('appended');
      await subscription.caughtUp();
      subscription.stop();
      expect(seen).toEqual(['after']);
    } finally {
      await Promise.all([bus.close(), owner.close()]);
      await broker.stop();
    }
  });
});
