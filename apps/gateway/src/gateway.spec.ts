import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InMemoryEventLog } from '@holdfast/event-log';
import { ENDPOINTS } from './endpoints/endpoints.js';
import { FakeBus, bearer, startGateway } from './gateway.fixture.js';
import { runIdOf } from './intake/run-id.js';
import { PERMIT, accepted, append, key, newLog, payInvoice } from './runs/run.fixture.js';

const task = { type: 'invoice.received', goal: 'Pay invoice 9.', input: { amount: 5 }, id: 'inv-9', source: '/invoices' };

describe('the HTTP API', () => {
  let log: InMemoryEventLog;
  let bus: FakeBus;
  let app: NestFastifyApplication;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    log = newLog();
    await payInvoice(log, key('run-1'));
    await payInvoice(log, key('run-2'), 2);
    ({ app, bus, stop } = await startGateway(log));
  });
  afterEach(() => stop());

  const post = (url: string, payload: unknown, headers: Record<string, string>) => app.inject({ method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, payload: typeof payload === 'string' ? payload : JSON.stringify(payload) });
  const get = (url: string, headers: Record<string, string>) => app.inject({ method: 'GET', url, headers });

  it('accepts a task when the broker has stored it, and names its run', async () => {
    const answer = await post('/v1/tasks', task, bearer('operator'));
    const runId = runIdOf('acme', '/invoices', 'inv-9');

    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toEqual({ runId, id: 'inv-9', source: '/invoices', duplicate: false });
    expect(answer.headers.location).toBe(`/v1/runs/${runId}`);
    expect(bus.published).toEqual([expect.objectContaining({
      subject: expect.stringMatching(new RegExp(`^inbox\\.\\d\\.acme\\.${runId}\\.task$`)),
      body: expect.objectContaining({ kind: 'task', id: expect.stringMatching(new RegExp(`^task:${runId}:[0-9a-f]{16}$`)), requester: 'otto', event: expect.objectContaining({ data: { goal: 'Pay invoice 9.', amount: 5 } }) }),
      options: expect.objectContaining({ messageId: expect.stringContaining(`task:${runId}:`) }),
    })]);
  });

  it('answers a task that comes again with the same run, before and after the log has it', async () => {
    await post('/v1/tasks', task, bearer('operator'));
    const again = await post('/v1/tasks', task, bearer('operator'));
    await append(log, key(runIdOf('acme', '/invoices', 'inv-9')), 'plan', [accepted({ id: 'inv-9', goal: 'Pay invoice 9.', input: { amount: 5 } })]);
    const late = await post('/v1/tasks', task, bearer('operator'));

    expect([again.json(), late.json()]).toEqual([expect.objectContaining({ duplicate: true }), expect.objectContaining({ duplicate: true })]);
    expect(bus.published).toHaveLength(1);
  });

  it('turns a tenant\'s flood of tasks away with 429 and when to come again, and goes on taking what people say', async () => {
    bus.waiting = 2_000;
    const numbered = (id: number) => ({ ...task, id: `flood-${id}` });
    await post('/v1/tasks', numbered(1), bearer('operator'));
    const answer = await post('/v1/tasks', numbered(2), bearer('operator'));
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([429, 'task.tenant-busy', '1']);
    const control = await post('/v1/runs/run-1/cancel', { reason: 'enough' }, bearer('operator'));
    expect(control.statusCode).not.toBe(429);
    expect(bus.published.filter(({ subject }) => subject.endsWith('.task'))).toHaveLength(1);
  });

  it('refuses another task under the id of a run that exists', async () => {
    await append(log, key(runIdOf('acme', '/invoices', 'inv-9')), 'plan', [accepted({ id: 'inv-9' })]);
    const answer = await post('/v1/tasks', task, bearer('operator'));

    expect([answer.statusCode, answer.json().code]).toEqual([409, 'task.id-taken']);
  });

  it('takes the scope of a task in both forms, and another scope for another task', async () => {
    await post('/v1/tasks', { ...task, scope: ['pay_invoice', 'search'] }, bearer('operator'));
    expect(bus.published[0]?.body).toMatchObject({ event: { scope: 'pay_invoice,search' } });
    await append(log, key(runIdOf('acme', '/invoices', 'inv-9')), 'plan', [accepted({ id: 'inv-9', goal: 'Pay invoice 9.', input: { amount: 5 }, scope: ['pay_invoice', 'search'] })]);
    const { type, source, id } = task;
    const event = (scope: string): Promise<{ statusCode: number }> => post('/v1/tasks', { specversion: '1.0', id, source, type, scope, data: { goal: task.goal, ...task.input } }, { ...bearer('operator'), 'content-type': 'application/cloudevents+json' });
    expect([(await event('pay_invoice, search')).statusCode, (await event('pay_invoice')).statusCode, (await event('no such tool!')).statusCode, (await post('/v1/tasks', task, bearer('operator'))).statusCode]).toEqual([202, 409, 400, 409]);
  });

  it('takes CloudEvents in structured and in binary mode as the same run', async () => {
    const structured = await post('/v1/tasks', { specversion: '1.0', id: 'x', source: '/s', type: 'invoice.received', data: { goal: 'Pay.' } }, { ...bearer('operator'), 'content-type': 'application/cloudevents+json' });
    const binary = await post('/v1/tasks', { goal: 'Pay.' }, { ...bearer('operator'), 'ce-specversion': '1.0', 'ce-id': 'x', 'ce-source': '%2Fs', 'ce-type': 'invoice.received', traceparent: 'garbage' });

    expect([structured.statusCode, binary.statusCode]).toEqual([202, 202]);
    expect(binary.json()).toEqual({ ...(structured.json() as object), duplicate: true });
  });

  it('passes on the trace that the event names', async () => {
    const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
    await post('/v1/tasks', { specversion: '1.0', id: 'x', source: '/s', type: 'invoice.received', traceparent, data: { goal: 'Pay.' } }, { ...bearer('operator'), 'content-type': 'application/cloudevents+json' });

    expect(bus.published[0]?.options?.headers).toMatchObject({ traceparent });
  });

  it('answers 503 with Retry-After and the task\'s identity when the broker does not confirm', async () => {
    bus.answer = { status: 'unknown', reason: 'timeout' };
    const answer = await post('/v1/tasks', { type: task.type, goal: task.goal }, bearer('operator'));

    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ code: 'gateway.not-stored', retryable: true, status: 503, remedy: expect.stringMatching(/with id "[0-9a-f-]{36}"/) });
  });

  it.each([
    ['broken JSON', '{"type":', {}, 400, 'request.malformed'],
    ['an unknown field', { ...task, agent: 'x' }, {}, 400, 'request.invalid'],
    ['no goal', { type: 'invoice.received' }, {}, 400, 'request.invalid'],
    ['an event without an id', { specversion: '1.0', source: '/s', type: 'invoice.received', data: { goal: 'x' } }, { 'content-type': 'application/cloudevents+json' }, 400, 'request.malformed'],
    ['an event that is no JSON', '<event/>', { 'content-type': 'application/cloudevents+json' }, 400, 'request.malformed'],
    ['a form', 'goal=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'request.media-type'],
    ['plain text', 'goal', { 'content-type': 'text/plain' }, 415, 'request.media-type'],
    ['a type that no agent takes', { ...task, type: 'nobody' }, {}, 422, 'task.type-unknown'],
    ['an event over the limit', { ...task, input: { text: 'x'.repeat(300_000) } }, {}, 413, 'task.too-large'],
    ['a body over the limit', { ...task, input: { text: 'x'.repeat(1_100_000) } }, {}, 413, 'request.too-large'],
    ['a value that is nested too deep', `{"type":"invoice.received","goal":"x","input":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`, {}, 400, 'request.malformed'],
  ] as const)('refuses %s', async (_name, payload, headers, status, code) => {
    const answer = await post('/v1/tasks', payload, { ...bearer('operator'), ...headers });

    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(answer.json()).toMatchObject({ retryable: false, remedy: expect.any(String), type: `urn:holdfast:problem:${code}` });
    expect(bus.published).toEqual([]);
  });

  it('tells people who they are', async () => {
    const answer = await app.inject({ method: 'GET', url: '/v1/principal', headers: bearer('operator') });

    expect([answer.statusCode, answer.json()]).toEqual([200, { name: 'otto', tenant: 'acme', roles: ['operator'], groups: ['treasury'] }]);
  });

  it('says where a request is wrong', async () => {
    const answer = await post('/v1/runs/run-2/approvals/a-c1-1', { answer: 'perhaps' }, bearer('approver'));

    expect(answer.json().errors).toEqual([{ pointer: '/answer', detail: expect.any(String) }]);
  });

  it.each([...ENDPOINTS.map((endpoint) => [endpoint.method, endpoint.path] as const), ['GET', '/v1/nothing'], ['GET', '/'], ['GET', '/health'], ['GET', '/health/other'], ['GET', '/health/live/'], ['POST', '/health/live/../../v1/tasks']] as const)('lets nobody without a key at %s %s', async (method, path) => {
    const none = await app.inject({ method, url: path });
    const bad = await app.inject({ method, url: path, headers: { authorization: 'Bearer wrong' } });

    expect([none.statusCode, none.json().code, bad.statusCode, bad.json().code]).toEqual([401, 'auth.key-missing', 401, 'auth.key-unknown']);
    expect(none.headers['www-authenticate']).toBe('Bearer realm="holdfast"');
  });

  it.each(ENDPOINTS.filter((endpoint) => endpoint.role !== 'viewer').map((endpoint) => [endpoint.method, endpoint.path, endpoint.role] as const))('asks at %s %s for the role %s', async (method, path) => {
    const answer = await app.inject({ method, url: path, headers: { ...bearer('viewer'), 'content-type': 'application/json' }, payload: method === 'POST' ? '{}' : undefined });

    expect([answer.statusCode, answer.json().code]).toEqual([403, 'auth.role-missing']);
  });

  it('does not let an operator approve', async () => {
    const answer = await post('/v1/runs/run-2/approvals/a-c1-1', { answer: 'approved' }, bearer('operator'));

    expect(answer.statusCode).toBe(403);
  });

  it.each(['', '/events', '/stream', '/tokens', '/why/1', '/why?effect=c1-1'])('finds no run of another tenant at /v1/runs/run-1%s', async (path) => {
    const strange = await get(`/v1/runs/run-1${path}`, bearer('stranger'));
    const missing = await get(`/v1/runs/no-such-run${path}`, bearer('viewer'));

    expect([strange.statusCode, strange.json().code, missing.statusCode, missing.json().code]).toEqual([404, 'run.unknown', 404, 'run.unknown']);
  });

  it('lists runs by last change, in pages, with filters and for one tenant only', async () => {
    const first = (await get('/v1/runs?limit=1', bearer('viewer'))).json();
    const second = (await get(`/v1/runs?limit=1&cursor=${first.next}`, bearer('viewer'))).json();
    const waiting = (await get('/v1/runs?status=waiting&agent=payables&type=invoice.received', bearer('viewer'))).json();
    const others = (await get('/v1/runs', bearer('stranger'))).json();
    const names = [first, second, waiting, others].map((page) => page.runs.map((run: { runId: string }) => run.runId));

    expect(names).toEqual([['run-1'], ['run-2'], ['run-2'], []]);
    expect(second.next).toBeUndefined();
  });

  it.each(['/v1/runs?limit=0', '/v1/runs?status=odd', '/v1/runs?cursor=%7B', '/v1/runs?unknown=1', '/v1/runs/a%20b'])('refuses %s', async (url) => {
    expect((await get(url, bearer('viewer'))).statusCode).toBe(400);
  });

  it('tells a run with its steps, and its events without permits', async () => {
    const run = (await get('/v1/runs/run-1', bearer('viewer'))).json();
    const events = await get('/v1/runs/run-1/events', bearer('viewer'));

    expect(run).toMatchObject({ status: 'completed', answer: 'Paid.', commits: 6, stepsTaken: [{ calls: [{ tool: 'pay', policy: 'allow', status: 'succeeded' }] }, { calls: [] }], approvals: [{ approvalId: 'a-c1-1', answer: { answer: 'approved', by: 'ada' } }] });
    expect(events.json().events.map((event: { id: string }) => event.id)).toEqual(['1.0', '2.0', '2.1', '2.2', '3.0', '4.0', '4.1', '5.0', '5.1', '6.0', '6.1']);
    expect(events.body + JSON.stringify(run)).not.toContain(PERMIT);
  });

  it('lists approvals with the reasons, arguments and origins, and takes an answer once', async () => {
    const { approvals } = (await get('/v1/approvals', bearer('viewer'))).json();
    const answers = [];
    for (let attempt = 0; attempt < 2; attempt += 1) answers.push((await post('/v1/runs/run-2/approvals/a-c1-1', { answer: 'approved', comment: 'fine' }, bearer('approver'))).json());

    expect(approvals).toEqual([expect.objectContaining({ runId: 'run-2', approvalId: 'a-c1-1', reasons: ['over the limit'], arguments: { iban: 'DE02100100100006820101', amount: 1200 }, origins: [expect.objectContaining({ argument: 'iban' })] })]);
    expect(answers).toEqual([expect.objectContaining({ duplicate: false }), expect.objectContaining({ duplicate: true })]);
    expect(bus.published.map((fact) => fact.body)).toEqual([{ kind: 'approval', id: answers[0].factId, approvalId: 'a-c1-1', answer: 'approved', by: 'ada', comment: 'fine', roles: ['approver'] }]);
  });

  it('takes changes of a call and words for its values, with the roles of whoever answers, and no role from the body', async () => {
    const edited = await post('/v1/runs/run-2/approvals/a-c1-1', { answer: 'edited', arguments: { amount: 5 } }, bearer('approver'));
    const endorsed = await post('/v1/runs/run-2/approvals/a-c1-1', { answer: 'endorsed', endorse: ['iban'] }, bearer('approver'));
    const wrong = await Promise.all([{ answer: 'edited' }, { answer: 'endorsed', endorse: [] }, { answer: 'approved', roles: ['treasury'] }, { answer: 'approved', arguments: {} }].map((body) => post('/v1/runs/run-2/approvals/a-c1-1', body, bearer('approver'))));
    expect([edited.statusCode, endorsed.statusCode, ...wrong.map(({ statusCode }) => statusCode)]).toEqual([202, 202, 400, 400, 400, 400]);
    expect(bus.published.map((fact) => fact.body)).toEqual([expect.objectContaining({ answer: 'edited', arguments: { amount: 5 }, roles: ['approver'] }), expect.objectContaining({ answer: 'endorsed', endorse: ['iban'] })]);
  });

  it('does not let one person be both of two', async () => {
    const head = await log.head(key('run-2'));
    await log.append(key('run-2'), { route: 'wait', at: 1, cause: { kind: 'approval', id: 'x' }, events: [{ type: 'approval-counted', approvalId: 'a-c1-1', callId: 'c1-1', by: 'ada', comment: 'ok' }] }, head);
    const again = await post('/v1/runs/run-2/approvals/a-c1-1', { answer: 'approved' }, bearer('approver'));
    expect([again.statusCode, again.json().code]).toEqual([409, 'approval.same-person']);
    expect((await get('/v1/approvals', bearer('viewer'))).json().approvals).toEqual([expect.objectContaining({ counted: expect.objectContaining({ by: 'ada' }) })]);
  });

  it('gives the same approval of two runs different fact ids, since the broker compares ids over all runs', async () => {
    await payInvoice(log, key('run-3'), 2);
    const [one, other] = await Promise.all(['run-2', 'run-3'].map((run) => post(`/v1/runs/${run}/approvals/a-c1-1`, { answer: 'approved' }, bearer('approver'))));

    expect(one?.json().factId).not.toBe(other?.json().factId);
    expect(bus.published).toHaveLength(2);
  });

  it('tells at once when an answer is in vain', async () => {
    const same = await post('/v1/runs/run-1/approvals/a-c1-1', { answer: 'approved' }, bearer('approver'));
    const contrary = await post('/v1/runs/run-1/approvals/a-c1-1', { answer: 'rejected' }, bearer('approver'));
    const unknown = await post('/v1/runs/run-1/approvals/a-c9-9', { answer: 'approved' }, bearer('approver'));

    expect([same.statusCode, same.json().duplicate, contrary.json().code, unknown.json().code]).toEqual([202, true, 'approval.answered', 'approval.unknown']);
    expect(bus.published).toEqual([]);
  });

  it.each(['cancel', 'abort', 'pause', 'resume'])('passes on %s with its reason, once for an idempotency key', async (action) => {
    if (action === 'resume') await append(log, key('run-2'), 'wait', [{ type: 'run-paused', by: 'otto', reason: '' }]);
    for (let attempt = 0; attempt < 2; attempt += 1) await post(`/v1/runs/run-2/${action}`, { reason: 'because' }, { ...bearer('operator'), 'idempotency-key': 'k' });
    const over = await post(`/v1/runs/run-1/${action}`, {}, bearer('operator'));

    expect(bus.published.map((fact) => fact.body)).toEqual([expect.objectContaining({ kind: 'control', action, by: 'otto', reason: 'because' })]);
    expect([over.statusCode, over.json().code]).toEqual([409, 'run.ended']);
  });

  it('takes a resume only when the log shows the pause, and a pause only when it shows no other', async () => {
    const early = await post('/v1/runs/run-2/resume', {}, bearer('operator'));
    await append(log, key('run-2'), 'wait', [{ type: 'run-paused', by: 'otto', reason: '' }]);
    const again = await post('/v1/runs/run-2/pause', {}, bearer('operator'));
    const resumed = await post('/v1/runs/run-2/resume', {}, bearer('operator'));

    expect([early, again, resumed].map((answer) => [answer.statusCode, answer.json().code])).toEqual([[409, 'run.not-paused'], [409, 'run.paused'], [202, undefined]]);
    expect(bus.published.map((fact) => fact.body)).toEqual([expect.objectContaining({ kind: 'control', action: 'resume' })]);
  });

  it('answers a control that is in the log already as a duplicate', async () => {
    const first = await post('/v1/runs/run-2/pause', {}, { ...bearer('operator'), 'idempotency-key': 'k' });
    const head = await log.head(key('run-2'));
    await log.append(key('run-2'), { route: 'wait', at: 1, cause: { kind: 'control', id: first.json().factId }, events: [{ type: 'run-paused', by: 'otto', reason: '' }] }, head);
    const again = await post('/v1/runs/run-2/pause', {}, { ...bearer('operator'), 'idempotency-key': 'k' });

    expect([again.statusCode, again.json()]).toEqual([202, { ...(first.json() as object), duplicate: true }]);
    expect(bus.published).toHaveLength(1);
  });

  it('passes on a signal with any JSON as its payload', async () => {
    const answer = await post('/v1/runs/run-2/signals/delivery', [1, 'two'], bearer('operator'));

    expect(answer.statusCode).toBe(202);
    expect(bus.published[0]?.body).toMatchObject({ kind: 'signal', name: 'delivery', payload: [1, 'two'], by: 'otto' });
  });

  it('asks memory for the key\'s own tenant, which a request cannot choose', async () => {
    const query = { scopes: ['guidelines'], query: 'late', limit: 3 };
    const answer = await post('/v1/memory/search', query, bearer('viewer'));
    const chosen = await post('/v1/memory/search', { ...query, tenant: 'globex' }, bearer('viewer'));

    expect([answer.statusCode, chosen.statusCode]).toEqual([200, 400]);
    expect(bus.requests).toEqual([{ subject: 'memory.search', value: { ...query, tenant: 'acme' } }]);
  });

  it('answers strangely addressed requests as problems, with strict headers', async () => {
    const answer = await get('/v1/nothing', bearer('viewer'));

    expect(answer.json()).toMatchObject({ status: 404, code: 'route.unknown' });
    expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'content-security-policy': expect.stringContaining("default-src 'none'") });
  });

  it('serves health to anyone', async () => {
    const live = await app.inject('/health/live');
    const ready = await app.inject('/health/ready');

    expect([live.statusCode, ready.json()]).toEqual([200, { status: 'ok', checks: {} }]);
  });

  it('is ready and answers for single runs while it still reads the log; lists say when to come again', async () => {
    const endless = newLog();
    await payInvoice(endless, key('run-1'));
    await payInvoice(endless, key('run-2'), 2);
    endless.follow = () => ({ caughtUp: () => new Promise(() => undefined), stop: () => undefined });
    const young = await startGateway(endless);
    const ask = (method: 'GET' | 'POST', url: string, who: Parameters<typeof bearer>[0] = 'viewer', payload?: object) => young.app.inject({ method, url, headers: bearer(who), ...(payload === undefined ? {} : { payload }) });
    const single = await Promise.all([
      ask('GET', '/health/ready'), ask('GET', '/v1/runs/run-1'), ask('GET', '/v1/runs/run-1/events'), ask('GET', '/v1/runs/run-1/why?effect=c1-1'), ask('HEAD' as 'GET', '/v1/runs/run-2/stream'),
      ask('POST', '/v1/runs/run-2/approvals/a-c1-1', 'approver', { answer: 'approved' }), ask('POST', '/v1/runs/run-2/pause', 'operator', {}), ask('POST', '/v1/runs/run-2/signals/hello', 'operator', {}),
      ask('GET', '/v1/runs/nobody'), ask('POST', '/v1/runs/run-2/approvals/a-nobody', 'approver', { answer: 'approved' }), ask('POST', '/v1/runs/run-1/cancel', 'operator', {}), ask('POST', '/v1/runs/run-2/resume', 'operator', {}),
    ]);
    const lists = await Promise.all([ask('GET', '/v1/runs'), ask('GET', '/v1/approvals')]);
    await young.stop();

    expect(single.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200, 202, 202, 202, 404, 404, 409, 409]);
    for (const list of lists) expect([list.statusCode, list.headers['retry-after'], list.json<{ code: string }>().code]).toEqual([503, '1', 'gateway.catching-up']);
  });

  it('describes in OpenAPI exactly the routes that it serves', async () => {
    const description = (await get('/v1/openapi.json', bearer('viewer'))).json();
    const described = Object.entries(description.paths as Record<string, object>).flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`)).sort();
    const served = ENDPOINTS.map((endpoint) => `${endpoint.method} ${endpoint.path.replace(/:(\w+)/g, '{$1}')}`).sort();
    const routed = ENDPOINTS.filter((endpoint) => app.getHttpAdapter().getInstance().hasRoute({ method: endpoint.method, url: endpoint.path }));

    expect(description.openapi).toBe('3.1.0');
    expect(described).toEqual(served);
    expect(routed).toHaveLength(ENDPOINTS.length);
  });
});
