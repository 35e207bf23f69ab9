import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, nkeyAuthenticator, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Bus } from '@holdfast/bus';
import { inboxPrefix, partitionOf, subjects, type Account } from '@holdfast/contracts';
import { JetStreamEventLog } from '@holdfast/event-log';
import { createLogger, startMetrics, startTelemetry } from '@holdfast/observability';
import { ServiceModule } from '@holdfast/service';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { httpOptions } from './edge/http-options.js';
import { prepareEdge } from './edge/prepare-edge.js';
import { bearer, writeSettings } from './gateway.fixture.js';
import { GatewayModule } from './gateway.module.js';
import { runIdOf } from './intake/run-id.js';
import { PARTITIONS, PERMIT, append, ended, decided, key, payInvoice } from './runs/run.fixture.js';
import type { GatewaySettings } from './settings.js';

const event = (id: string, more: Record<string, unknown> = {}) => ({ specversion: '1.0', id, source: '/erp', type: 'invoice.received', data: { goal: `Pay ${id}.` }, ...more });

/** Tries until the probe gives something; the specification's own time-out is the only clock. */
async function eventually<T>(probe: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the gateway on a real broker', () => {
  let broker: TestBroker;
  let app: NestFastifyApplication;
  let url: string;
  let installer: NatsConnection;
  let publisher: NatsConnection;
  let orchestrator: Bus;
  let log: JetStreamEventLog;
  let removeSettings: () => Promise<void>;
  const open: NatsConnection[] = [];

  const connectAs = async (account: Account): Promise<NatsConnection> => {
    const prefix = account === 'CORE' ? {} : { inboxPrefix: inboxPrefix(account) };
    const connection = await connect({ servers: broker.url, authenticator: nkeyAuthenticator(new TextEncoder().encode(broker.seedOf(account))), ...prefix, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    open.push(connection);
    return connection;
  };
  const boot = async (settings: GatewaySettings): Promise<NestFastifyApplication> => {
    const service = ServiceModule.register({ name: 'gateway', role: 'gateway', settings, logger: createLogger({ service: 'gateway', level: 'silent' }), telemetry: startTelemetry({ service: 'gateway', version: '0' }), metrics: await startMetrics({ service: 'gateway', version: '0' }) });
    const booted = await NestFactory.create<NestFastifyApplication>({ module: class Root {}, imports: [service, GatewayModule.register(settings)] }, new FastifyAdapter(httpOptions(settings)), { logger: false, abortOnError: false });
    await prepareEdge(booted);
    await booted.listen(0, '127.0.0.1');
    return booted;
  };
  /** Publishes as any other service would and waits for the broker's word. */
  const publish = async (payload: string | Uint8Array, head?: MsgHdrs, tenant = 'acme'): Promise<void> => {
    const answer = (await publisher.request(`tasks.${tenant}`, payload, { timeout: 5_000, ...(head === undefined ? {} : { headers: head }) })).json<{ error?: unknown }>();
    expect(answer.error).toBeUndefined();
  };
  const stored = async (stream: string, subject: string): Promise<{ readonly count: number; readonly last: { readonly body: Record<string, unknown>; readonly header: MsgHdrs } | undefined }> => {
    const manager = await jetstreamManager(installer);
    const { state } = await manager.streams.info(stream, { subjects_filter: subject });
    const count = Object.values(state.subjects ?? {}).reduce((sum, each) => sum + each, 0);
    if (count === 0) return { count, last: undefined };
    const message = await manager.streams.getMessage(stream, { last_by_subj: subject });
    return { count, last: message === null ? undefined : { body: message.json<Record<string, unknown>>(), header: message.header } };
  };
  const inboxOf = (id: string) => {
    const run = key(runIdOf('acme', '/erp', id));
    return { run, subject: `inbox.${partitionOf(run, PARTITIONS)}.acme.${run.runId}.task` };
  };
  const arrived = (subject: string, stream = 'INBOX') => eventually(async () => {
    const { count, last } = await stored(stream, subject);
    return last === undefined ? undefined : { count, ...last };
  });
  const drained = () => eventually(async () => {
    const consumer = await (await jetstreamManager(installer)).consumers.info('TASKS', 'gateway');
    return consumer.num_pending === 0 && consumer.num_ack_pending === 0 ? true : undefined;
  });
  const get = async (path: string, who: Parameters<typeof bearer>[0] = 'viewer', more: Record<string, string> = {}) => fetch(`${url}${path}`, { headers: { ...bearer(who), ...more } });

  beforeAll(async () => {
    broker = await startTestBroker({ partitions: PARTITIONS });
    installer = await connectAs('CORE');
    publisher = await connectAs('publisher');
    orchestrator = await Bus.connect({ url: broker.url, role: 'orchestrator', seed: broker.seedOf('orchestrator'), name: 'specification' });
    log = new JetStreamEventLog(orchestrator, PARTITIONS);
    const { settings, remove } = await writeSettings({ NATS_URL: broker.url, HOLDFAST_NATS_SEED: broker.seedOf('gateway') });
    removeSettings = remove;
    app = await boot(settings);
    url = await app.getUrl();
  });

  afterAll(async () => {
    await app.close();
    await orchestrator.close();
    await Promise.all(open.map((connection) => connection.close()));
    await broker.stop();
    await removeSettings();
  });

  it('makes one fact of an event however often it is published, and passes on its trace', async () => {
    const traceparent = `00-${'3'.repeat(32)}-${'4'.repeat(16)}-01`;
    const { run, subject } = inboxOf('inv-1');
    for (let attempt = 0; attempt < 3; attempt += 1) await publish(JSON.stringify(event('inv-1', { traceparent })));
    const { body, header } = await arrived(subject);
    await drained();

    expect(body).toEqual({ kind: 'task', id: expect.stringContaining(`task:${run.runId}:`), event: event('inv-1', { traceparent }), requester: 'source:/erp' });
    expect(header.get('traceparent')).toBe(traceparent);
    expect((await stored('INBOX', subject)).count).toBe(1);
  });

  it('takes an event in binary mode', async () => {
    const head = headers();
    for (const [name, value] of Object.entries({ 'ce-specversion': '1.0', 'ce-id': 'inv%202', 'ce-source': '/erp', 'ce-type': 'invoice.received', traceparent: `00-${'5'.repeat(32)}-${'6'.repeat(16)}-00` })) head.set(name, value);
    await publish(JSON.stringify({ goal: 'Pay.' }), head);
    const { body, header } = await arrived(inboxOf('inv 2').subject);

    expect(body['event']).toEqual({ specversion: '1.0', id: 'inv 2', source: '/erp', type: 'invoice.received', data: { goal: 'Pay.' } });
    expect(header.get('traceparent')).toBe(`00-${'5'.repeat(32)}-${'6'.repeat(16)}-00`);
  });

  it('puts what can never become a run on the dead-letter list once and goes on', async () => {
    await publish('no JSON');
    await publish(new Uint8Array([0xff, 0xfe, 0x00]));
    await publish(JSON.stringify({ ...event('x'), data: {} }));
    await publish(JSON.stringify(event('x', { data: { goal: 'x', text: 'y'.repeat(400_000) } })));
    await publish(`{"specversion":"1.0","id":"x","source":"/erp","type":"t","data":{"goal":"x","deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`);
    await publish(JSON.stringify(event('inv-after')));
    await arrived(inboxOf('inv-after').subject);
    await drained();
    const { letters } = (await (await get('/v1/dead-letters', 'operator')).json()) as { letters: { code: string; reason: string; subject: string }[] };

    expect(letters.map((letter) => letter.code).sort()).toEqual(['request.malformed', 'task.invalid', 'task.invalid', 'task.invalid', 'task.too-large']);
    expect(letters.map((letter) => letter.reason).join('\n')).toMatch(/data\.goal/);
    expect(((await (await get('/v1/dead-letters', 'stranger')).json()) as { letters: unknown[] }).letters).toEqual([]);
  });

  it('stores a task from HTTP before it answers', async () => {
    const answer = await fetch(`${url}/v1/tasks`, { method: 'POST', headers: { ...bearer('operator'), 'content-type': 'application/json' }, body: JSON.stringify({ type: 'invoice.received', goal: 'Pay.', id: 'http-1', source: '/erp' }) });

    expect(answer.status).toBe(202);
    expect((await stored('INBOX', inboxOf('http-1').subject)).last?.body).toMatchObject({ requester: 'otto', requesterRoles: ['operator', 'treasury'] });
  });

  it('shows a run that another process writes: list, events, why, and live until its end', async () => {
    const run = key('live-1');
    await payInvoice(log, run, 5);
    const listed = await eventually(async () => {
      const { runs } = (await (await get('/v1/runs?status=running')).json()) as { runs: { runId: string; commits: number }[] };
      return runs.find((each) => each.runId === 'live-1' && each.commits === 5);
    });
    const stream = await get('/v1/runs/live-1/stream', 'viewer', { 'last-event-id': '4.1' });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    await append(log, run, 'end', [decided(5, [], 'Paid.'), ended('Paid.')]);
    let text = first?.value ?? '';
    for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) text += part.value;
    const why = await (await get('/v1/runs/live-1/why?effect=c1-1', 'viewer', { accept: 'text/plain' })).text();
    const again = await get('/v1/runs/live-1/stream', 'viewer', { 'last-event-id': '6.1' });

    expect(listed).toMatchObject({ runId: 'live-1' });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    expect(text.match(/^id: .*$/gm)).toEqual(['id: 5.0', 'id: 5.1', 'id: 6.0', 'id: 6.1']);
    expect(text + why).not.toContain(PERMIT);
    expect(why).toContain('Chain verified: 6 commits');
    expect(again.status).toBe(204);
  });

  it('tells what a run\'s model says, from what was said before a client came to the end of the run', async () => {
    const planner = await Bus.connect({ url: broker.url, role: 'planner', seed: broker.seedOf('planner'), name: 'contract-planner' });
    const run = key('spoken-1');
    await payInvoice(log, run, 5);
    const step = { basis: 5, attempt: 1 };
    planner.tell(subjects.tokens(run), { kind: 'started', ...step, n: 0, model: 'tried' });
    await eventually(async () => ((await stored('TOKENS', subjects.tokens(run))).count === 1 ? true : undefined));
    const watching = await Promise.all([get('/v1/runs/spoken-1/tokens'), get('/v1/runs/spoken-1/tokens', 'viewer', { 'last-event-id': '5.1.0' })]);
    planner.tell(subjects.tokens(run), { kind: 'delta', ...step, n: 1, offset: 0, text: 'Paid. ' });
    const readers = watching.map(({ body }) => body?.pipeThrough(new TextDecoderStream()).getReader());
    const texts = await Promise.all(readers.map(async (reader) => {
      let text = '';
      while (!text.includes('Paid.')) text += (await reader?.read())?.value ?? '';
      return text;
    }));
    await append(log, run, 'end', [decided(5, [], 'Paid.'), ended('Paid.')]);
    for (const reader of readers) while ((await reader?.read())?.done === false);
    const [stranger, after] = await Promise.all([get('/v1/runs/spoken-1/tokens', 'stranger'), get('/v1/runs/spoken-1/tokens')]);
    await planner.close();

    expect(texts.map((text) => text.match(/^(id|event): .*$/gm))).toEqual([['id: 5.1.0', 'event: started', 'id: 5.1.1', 'event: delta'], ['id: 5.1.1', 'event: delta']]);
    expect([stranger.status, after.status]).toEqual([404, 204]);
  });

  it('tells each change of the tenant\'s runs', async () => {
    const stream = await get('/v1/stream');
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    await payInvoice(log, key('secret-run', 'globex'), 1);
    await payInvoice(log, key('told-1'), 1);
    let text = '';
    while (!text.includes('told-1')) text += (await reader?.read())?.value ?? '';
    await reader?.cancel();

    expect(text).toContain('"status":"running"');
    expect(text).not.toContain('secret-run');
  });

  it('says 503 while the broker is away, and takes the same request when it is back', async () => {
    const send = () => fetch(`${url}/v1/tasks`, { method: 'POST', headers: { ...bearer('operator'), 'content-type': 'application/json' }, body: JSON.stringify({ type: 'invoice.received', goal: 'Pay.', id: 'http-2', source: '/erp' }) });
    await broker.kill();
    const away = await send();
    const notReady = await fetch(`${url}/health/ready`);
    await broker.restart();
    const back = await eventually(async () => {
      const answer = await send();
      return answer.status === 202 ? answer : undefined;
    });

    expect([away.status, away.headers.get('retry-after'), notReady.status]).toEqual([503, '1', 503]);
    expect(((await back.json()) as { runId: string }).runId).toBe(inboxOf('http-2').run.runId);
    expect((await eventually(async () => (await stored('INBOX', inboxOf('http-2').subject).catch(() => undefined)))).count).toBe(1);
  });

  it('ends live streams when it shuts down', async () => {
    const { settings, remove } = await writeSettings({ NATS_URL: broker.url, HOLDFAST_NATS_SEED: broker.seedOf('gateway') });
    const other = await boot(settings);
    const stream = await fetch(`${await other.getUrl()}/v1/stream`, { headers: bearer('viewer') });
    const rest = stream.text();
    await other.close();
    await remove();

    expect(await rest).toBe('');
  });
});
