import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { FakeBus, KEYS, bearer, startGateway } from '../gateway.fixture.js';
import { runIdOf } from '../intake/run-id.js';
import { key, newLog, payInvoice } from '../runs/run.fixture.js';

type Gateway = Awaited<ReturnType<typeof startGateway>>;

describe('the gateway as a server of the Model Context Protocol', () => {
  let gateway: Gateway;
  let url: URL;
  const clients: Client[] = [];

  beforeEach(async () => {
    const log = newLog();
    await payInvoice(log, key('run-1'));
    gateway = await startGateway(log, new FakeBus());
    await gateway.app.listen(0, '127.0.0.1');
    url = new URL('/mcp', await gateway.app.getUrl());
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await gateway.stop();
  });

  /** The official client, as somebody. */
  async function connect(who: keyof typeof KEYS): Promise<Client> {
    const client = new Client({ name: 'specification', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers: bearer(who) } }));
    clients.push(client);
    return client;
  }
  async function call(client: Client, name: string, args: Record<string, unknown>) {
    const { structuredContent, isError = false } = await client.callTool({ name, arguments: args });
    return { value: structuredContent as Record<string, unknown>, isError };
  }

  it('says who it is, and lists to each caller what their roles open', async () => {
    const [viewer, approver] = [await connect('viewer'), await connect('approver')];
    const names = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);

    expect(viewer.getServerVersion()).toMatchObject({ name: 'holdfast' });
    expect(viewer.getInstructions()).toContain('startTask');
    expect(await names(viewer)).toEqual(expect.arrayContaining(['getRun', 'listApprovals', 'whyEffect']));
    expect(await names(viewer)).not.toContain('answerApproval');
    expect(await names(approver)).toContain('answerApproval');
    expect(await names(approver)).not.toContain('startTask');
  });

  it('describes each tool by one object of arguments, with what has to be there', async () => {
    const { tools } = await (await connect('admin')).listTools();
    const shape = (wanted: string) => tools.filter(({ name }) => name === wanted).map(({ inputSchema: { properties = {}, required }, annotations }) => ({ properties: Object.keys(properties), required, readOnly: annotations?.readOnlyHint }));

    expect(shape('startTask')).toEqual([{ properties: expect.arrayContaining(['type', 'goal', 'input', 'id', 'source']), required: ['type', 'goal'], readOnly: false }]);
    expect(shape('getRun')).toEqual([{ properties: ['runId'], required: ['runId'], readOnly: true }]);
    expect(shape('answerApproval')).toEqual([{ properties: ['runId', 'approvalId', 'body'], required: ['runId', 'approvalId', 'body'], readOnly: false }]);
  });

  it('starts a task once, however often it is asked', async () => {
    const client = await connect('operator');
    const task = { type: 'invoice.received', goal: 'Pay invoice 9.', input: { amount: 5 }, id: 'inv-9', source: '/assistant' };
    const [first, again] = [await call(client, 'startTask', task), await call(client, 'startTask', task)];

    expect([first.value, again.value]).toEqual([{ runId: runIdOf('acme', '/assistant', 'inv-9'), id: 'inv-9', source: '/assistant', duplicate: false }, expect.objectContaining({ duplicate: true })]);
    expect(gateway.bus.published.map(({ body }) => (body as { requester: string }).requester)).toEqual(['otto']);
  });

  it('shows runs and their lists', async () => {
    const client = await connect('viewer');

    expect((await call(client, 'getRun', { runId: 'run-1' })).value).toMatchObject({ runId: 'run-1', phase: 'ended' });
    expect((await call(client, 'listRuns', { limit: 1 })).isError).toBe(false);
    expect((await call(client, 'listApprovals', {})).value).toMatchObject({ approvals: [] });
  });

  it('refuses by the same words as the API: roles, tenants, faults of arguments', async () => {
    const [viewer, stranger, operator] = [await connect('viewer'), await connect('stranger'), await connect('operator')];
    const refusals: readonly (readonly [Client, string, Record<string, unknown>, string])[] = [
      [viewer, 'startTask', { type: 'invoice.received', goal: 'Pay.' }, 'auth.role-missing'],
      [stranger, 'getRun', { runId: 'run-1' }, 'run.unknown'],
      [operator, 'startTask', { goal: 'Pay.' }, 'request.invalid'],
      [operator, 'startTask', { type: 'invoice.received', goal: 'Pay.', tenant: 'globex' }, 'request.invalid'],
      [viewer, 'getRun', { runId: 'run-1', also: 'this' }, 'request.invalid'],
      [viewer, 'getRun', { runId: '../approvals' }, 'request.invalid'],
      [viewer, 'getRun', {}, 'request.invalid'],
      [viewer, 'getRun', { runId: ['run-1'] }, 'request.invalid'],
      [stranger, 'answerApproval', { runId: 'run-1', approvalId: '..', body: { answer: 'approved' } }, 'request.invalid'],
      [stranger, 'answerApproval', { runId: 'run-1', approvalId: 'a', body: { answer: 'perhaps' } }, 'request.invalid'],
    ];
    for (const [client, name, args, code] of refusals) expect([name, args, await call(client, name, args)]).toEqual([name, args, { isError: true, value: expect.objectContaining({ code, remedy: expect.any(String) }) }]);
    await expect(viewer.callTool({ name: 'eraseSubject', arguments: {} })).rejects.toThrow(/There is no tool "eraseSubject"/);
  });

  it('takes no request without a key, of a web page, of another kind, or that is no JSON-RPC', async () => {
    const post = async (headers: Record<string, string>, body: string) => {
      const answer = await fetch(url, { method: 'POST', headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...headers }, body });
      return [answer.status, await answer.text()] as const;
    };
    const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

    expect((await post({}, ping))[0]).toBe(401);
    expect((await post(bearer('viewer'), ping))[0]).toBe(200);
    expect(await post({ ...bearer('viewer'), origin: 'https://evil.example' }, ping)).toEqual([403, expect.stringContaining('request.origin')]);
    expect((await post(bearer('viewer'), '{"no":"rpc"}'))[0]).toBe(400);
    expect((await post(bearer('viewer'), '{'))[0]).toBe(400);
    expect((await post({ ...bearer('viewer'), accept: 'text/html' }, ping))[0]).toBe(406);
    const stream = await fetch(url, { headers: bearer('viewer') });
    expect([stream.status, stream.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
