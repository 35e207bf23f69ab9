import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import fc from 'fast-check';
import type { WorkMessage } from '@holdfast/bus';
import { subjects } from '@holdfast/contracts';
import { STATUS_BY_CODE, problem } from '../edge/problem.js';
import type { Endpoint } from '../endpoints/endpoint.js';
import { ENDPOINTS } from '../endpoints/endpoints.js';
import { FakeBus, bearer, startGateway } from '../gateway.fixture.js';
import { FactInbox } from '../intake/fact-inbox.js';
import { TaskIntake } from '../intake/task-intake.js';
import { key, newLog, payInvoice } from '../runs/run.fixture.js';
import { texts, valuesOf } from './arbitrary.fixture.js';

/** Other inputs than the same ones each time: `HOLDFAST_FUZZ_SEED=<seed> HOLDFAST_FUZZ_REQUESTS=<each endpoint's>`. fast-check prints the seed of what fails. */
const seed = Number(process.env['HOLDFAST_FUZZ_SEED'] ?? 8);
const numRuns = Number(process.env['HOLDFAST_FUZZ_REQUESTS'] ?? 20);

/** What is answered by protocols of their own. */
const PROTOCOLS: ReadonlySet<string> = new Set(['callMcp', 'streamMcp', 'callAgent', 'describeAgent']);
/** Codes whose status follows from whether trying again can help. */
const TRANSIENT = ['gateway.not-stored', 'gateway.catching-up', 'gateway.streams-exhausted', 'task.inbox-full'] as const;
/** Every code that a request may be refused with here, where no service behind the gateway and no fault of its own is in play. */
const KNOWN_CODES: ReadonlySet<string> = new Set([...Object.keys(STATUS_BY_CODE), ...TRANSIENT]);
/** Where in our code something was thrown. */
const TRACE = /\bat \S+ \(|node_modules|\.[jt]s:\d+/;

interface Sent { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body?: Buffer }
interface Told { readonly status: number; readonly type: string; readonly text: string }

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

/** A body as bytes: what a schema allows or nearly, broken in the ways in which bytes can be. */
function bodies(endpoint: Endpoint): fc.Arbitrary<Buffer> {
  const json = fc.oneof(fc.jsonValue(), ...Object.values(endpoint.body ?? {}).map(valuesOf)).map((value) => Buffer.from(JSON.stringify(value) ?? 'undefined'));
  return fc.oneof(
    { weight: 12, arbitrary: json },
    { weight: 1, arbitrary: fc.tuple(json, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % (bytes.length + 1))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
    // Bytes that are no UTF-8 within a text, members twice, and names that are no data of anybody.
    { weight: 1, arbitrary: json.map((bytes) => Buffer.concat([Buffer.from('{"reason":"'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('","x":'), bytes, Buffer.from('}')])) },
    { weight: 1, arbitrary: json.map((bytes) => Buffer.from(`{"action":"cancel","action":${bytes.toString()},"__proto__":{"isAdmin":true}}`)) },
    { weight: 1, arbitrary: json.map((bytes) => Buffer.from(`{"constructor":{"prototype":${bytes.toString()}},"reason":1e999}`)) },
  );
}

function requests(endpoint: Endpoint): fc.Arbitrary<Sent> {
  const path = fc.array(texts, { minLength: 4, maxLength: 4 }).map((names) => { let at = 0; return endpoint.path.replace(/:\w+/g, () => encoded(names[at++] ?? '')); });
  const names = Object.keys(endpoint.query?.shape ?? {});
  const query = fc.array(fc.tuple(names.length === 0 ? texts : fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: texts }), texts), { maxLength: 4 }).map((pairs) => pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&'));
  const header = fc.string({ unit: 'grapheme-ascii', maxLength: 80 });
  const headers = fc.record({ 'last-event-id': header, 'idempotency-key': header, traceparent: header, 'ce-specversion': fc.constantFrom('1.0', '2', '%'), 'ce-id': header, 'ce-source': header, 'ce-type': header, accept: header, 'x-forwarded-for': header, ...Object.fromEntries(Object.keys(endpoint.headers ?? {}).map((name) => [name.toLowerCase(), header])) }, { requiredKeys: [] });
  const type = fc.oneof({ weight: 8, arbitrary: fc.constantFrom('application/json', ...Object.keys(endpoint.body ?? {})) }, { weight: 1, arbitrary: fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'application/cloudevents+json', 'multipart/form-data', 'x', ';', 'application/json, text/plain') });
  return fc.tuple(path, query, headers, type, endpoint.method === 'GET' ? fc.constant(undefined) : fc.option(bodies(endpoint), { freq: 10, nil: undefined })).map(([at, search, more, media, body]) => ({
    path: search === '' ? at : `${at}?${search}`,
    headers: { ...more, ...bearer('admin'), ...(body === undefined ? {} : { 'content-type': media }) },
    ...(body === undefined ? {} : { body }),
  }));
}

/** A broker behind which memory answers as it says it does. */
class AnsweringBus extends FakeBus {
  override async request(subject: string, value: unknown): Promise<unknown> {
    return subject === subjects.memoryThread() ? { thread: 't1', total: 0, turns: [] } : super.request(subject, value);
  }
}

describe('inputs that nobody expects', () => {
  let app: NestFastifyApplication;
  let port: number;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const log = newLog();
    await payInvoice(log, key('run-1'), 5);
    ({ app, stop } = await startGateway(log, new AnsweringBus(), { HOLDFAST_RATE_PER_PRINCIPAL: '1000000', HOLDFAST_RATE_PER_TENANT: '1000000' }));
    await app.listen(0, '127.0.0.1');
    port = Number(new URL(await app.getUrl()).port);
  });
  afterAll(() => stop());

  /** Sends bytes as they are; a live stream is left as soon as it has begun. */
  const send = (method: string, { path, headers, body }: Sent): Promise<Told> => new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers: { ...headers, ...(body === undefined ? {} : { 'content-length': body.length }) } }, (answer) => {
      const told = { status: answer.statusCode ?? 0, type: String(answer.headers['content-type']) };
      if (told.type.startsWith('text/event-stream')) return void (answer.destroy(), resolve({ ...told, text: '' }));
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve({ ...told, text: Buffer.concat(parts).toString('utf8') })).on('error', reject);
    });
    asked.on('error', reject).end(body);
  });

  it.each(ENDPOINTS.map((endpoint) => [endpoint.id, endpoint] as const))('%s follows them or says what is wrong with them', async (id, endpoint) => {
    await fc.assert(fc.asyncProperty(requests(endpoint), async (sent) => {
      const { status, type, text } = await send(endpoint.method, sent);
      expect([status, text]).not.toEqual([500, expect.anything()]);
      expect(text).not.toMatch(TRACE);
      if (status < 400 || (PROTOCOLS.has(id) && type.startsWith('application/json'))) return;
      expect([type, text]).toEqual(['application/problem+json; charset=utf-8', text]);
      const told = problem.strict().parse(JSON.parse(text));
      expect([KNOWN_CODES.has(told.code) || told.code, told.status]).toEqual([true, status]);
    }), { seed, numRuns });
  });

  it.each([
    ['one that is not percent-encoded', '/v1/runs/%zz', 400, 'request.malformed'],
    ['one of more characters than any schema takes', `/v1/runs/run-1/signals/${'x'.repeat(3_000)}`, 400, 'request.malformed'],
    ['one of more characters than this schema takes', `/v1/runs/run-1/signals/${'x'.repeat(129)}`, 400, 'request.invalid'],
    ['one of as many as it takes', `/v1/runs/run-1/signals/${'%E2%82%AC'.repeat(128)}`, 202, undefined],
  ])('in an address are told about: %s', async (_what, path, status, code) => {
    const told = await send('POST', { path, headers: { ...bearer('admin'), 'content-type': 'application/json' }, body: Buffer.from('{}') });
    expect([told.status, (JSON.parse(told.text) as { code?: string }).code]).toEqual([status, code]);
  });

  it('reach no intake of tasks that does not take them or bury them', async () => {
    const bus = new FakeBus();
    const intake = new TaskIntake({ bus, inbox: new FactInbox(bus, 2), logger: { warn: () => undefined }, clock: () => 42 });
    const startTask = ENDPOINTS.find(({ id }) => id === 'startTask');
    if (startTask === undefined) throw new Error('no endpoint starts tasks');
    const names = ['ce-specversion', 'ce-id', 'ce-source', 'ce-type', 'ce-time', 'ce-scope', 'ce-thread', 'ce-datasubject', 'Content-Type', 'traceparent', 'tracestate'];
    await fc.assert(fc.asyncProperty(bodies(startTask), fc.dictionary(fc.constantFrom(...names), texts), fc.constantFrom('tasks.acme', 'tasks.', 'tasks.a.b', 'tasks.__proto__', 'tasks.*'), fc.nat(), async (data, headers, subject, sequence) => {
      const before = bus.published.length;
      const message: WorkMessage = { subject, data, sequence, deliveries: 1, header: (name) => headers[name] };
      expect(await intake.handle(message)).toBe('done');
      const stored = bus.published.slice(before).map(({ subject: at }) => at.split('.')[0]);
      const again = bus.published.length;
      expect(await intake.handle(message)).toBe('done');
      // What comes twice is buried once, and is one task.
      expect([stored.every((kind) => ['inbox', 'dead', 'event'].includes(kind ?? '')) || stored, bus.published.length]).toEqual([true, again]);
    }), { seed, numRuns: numRuns * 10 });
  });

  it('are cut off where they do not end', async () => {
    // Chunks come until the gateway has had enough; it answers, and reads no further.
    const told = await new Promise<Told>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, method: 'POST', path: '/v1/tasks', headers: { ...bearer('admin'), 'content-type': 'application/json', 'transfer-encoding': 'chunked' } }, (answer) => {
        clearInterval(more);
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve({ status: answer.statusCode ?? 0, type: '', text: Buffer.concat(parts).toString('utf8') }));
      });
      const more = setInterval(() => asked.write(' '.repeat(65_536)), 1);
      asked.on('error', (error) => { clearInterval(more); reject(error); });
    });
    expect([told.status, JSON.parse(told.text).code]).toEqual([413, 'request.too-large']);
  });
});
