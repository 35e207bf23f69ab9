import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Role, TaskState, type Message, type Task } from '@a2a-js/sdk';
import { ClientFactory, DefaultAgentCardResolver, JsonRpcTransportFactory, type Client } from '@a2a-js/sdk/client';
import type { InMemoryEventLog } from '@holdfast/event-log';
import { FakeBus, KEYS, bearer, startGateway } from '../gateway.fixture.js';
import { runIdOf } from '../intake/run-id.js';
import { accepted, append, decided, ended, judged, key, newLog, payInvoice } from '../runs/run.fixture.js';

describe('the gateway as an agent of the Agent2Agent protocol', () => {
  let log: InMemoryEventLog;
  let gateway: Awaited<ReturnType<typeof startGateway>>;
  let url: string;

  beforeEach(async () => {
    log = newLog();
    await payInvoice(log, key('run-1'));
    gateway = await startGateway(log, new FakeBus());
    await gateway.app.listen(0, '127.0.0.1');
    url = await gateway.app.getUrl();
  });
  afterEach(() => gateway.stop());

  /** The official client, as somebody. */
  async function connect(who: keyof typeof KEYS): Promise<Client> {
    const fetchImpl: typeof fetch = (input, init) => fetch(input, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), ...bearer(who) } });
    return new ClientFactory({ transports: [new JsonRpcTransportFactory({ fetchImpl })], cardResolver: new DefaultAgentCardResolver({ fetchImpl }) }).createFromUrl(url);
  }

  const message = (text: string, more: Partial<Message> = {}): Message => ({
    messageId: 'm-1', contextId: '', taskId: '', role: Role.ROLE_USER, metadata: undefined, extensions: [], referenceTaskIds: [],
    parts: [{ content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType: 'text/plain' }], ...more,
  });
  const send = (client: Client, sent: Message, returnImmediately = true) => client.sendMessage({ tenant: '', metadata: undefined, message: sent, configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, returnImmediately } }) as Promise<Task>;
  const at = (id: string) => ({ tenant: '', id });
  const runId = runIdOf('acme', '/a2a', 'm-1');
  const wait = { for: 'signal' as const, name: 'answer-c1-1', question: { text: 'Which account?', choices: ['DE1', 'DE2'] } };

  it('tells in its card what it takes, and how', async () => {
    const card = await (await connect('viewer')).getAgentCard();

    expect(card.skills.map(({ id }) => id)).toEqual(['invoice.received']);
    expect([card.capabilities?.streaming, card.supportedInterfaces.map(({ url: where, protocolBinding }) => [where, protocolBinding])]).toEqual([true, [[`${url}/a2a`, 'JSONRPC']]]);
    expect((await fetch(`${url}/.well-known/agent-card.json`)).status).toBe(401);
  });

  it('begins a run by a message, once however often it is sent, in a context that goes on as a thread', async () => {
    const client = await connect('operator');
    const data = { content: { $case: 'data' as const, value: { amount: 5 } }, metadata: undefined, filename: '', mediaType: 'application/json' };
    const sent = message('Pay invoice 9.', { contextId: 'talk-1', metadata: { type: 'invoice.received' } });
    const first = await send(client, { ...sent, parts: [...sent.parts, data] });
    const again = await send(client, { ...sent, parts: [...sent.parts, data] });

    expect([first, again].map(({ id, contextId, status }) => [id, contextId, status?.state])).toEqual([[runId, 'talk-1', TaskState.TASK_STATE_SUBMITTED], [runId, 'talk-1', TaskState.TASK_STATE_SUBMITTED]]);
    expect(gateway.bus.published.map(({ body }) => body)).toEqual([expect.objectContaining({ requester: 'otto', event: expect.objectContaining({ type: 'invoice.received', source: '/a2a', id: 'm-1', thread: 'talk-1', data: { goal: 'Pay invoice 9.', amount: 5 } }) })]);
  });

  it('shows runs as tasks, with their answers as artifacts', async () => {
    const task = await (await connect('viewer')).getTask(at('run-1'));

    expect(task).toMatchObject({ id: 'run-1', contextId: 'run-1', status: { state: TaskState.TASK_STATE_COMPLETED }, artifacts: [{ artifactId: 'answer', parts: [{ content: { $case: 'text', value: 'Paid.' } }] }] });
    await expect((await connect('stranger')).getTask(at('run-1'))).rejects.toThrow(/no run/);
    await expect((await connect('viewer')).getTask(at('../agents'))).rejects.toThrow(/no such task/);
  });

  it('says that a task waits for a person at work, and asks whoever gave it what its agent asks', async () => {
    await payInvoice(log, key('approval'), 2);
    await append(log, key('asking'), 'plan', [accepted()]);
    await append(log, key('asking'), 'wait', [decided(1, [{ tool: 'holdfast_ask_person', arguments: {} }]), judged('c1-1', 'holdfast_ask_person', 'allow', 'fine'), { type: 'wait-begun', callId: 'c1-1', tool: 'holdfast_ask_person', wait }]);
    const client = await connect('operator');
    const [approval, asking] = [await client.getTask(at('approval')), await client.getTask(at('asking'))];
    const said = (task: Task) => task.status?.message?.parts.map(({ content }) => content?.value);

    expect([approval.status?.state, said(approval)]).toEqual([TaskState.TASK_STATE_WORKING, ['It waits for a person\'s approval.']]);
    expect([asking.status?.state, said(asking)]).toEqual([TaskState.TASK_STATE_INPUT_REQUIRED, ['Which account? [DE1 | DE2]']]);
    await send(client, message('DE1', { messageId: 'm-2', taskId: 'asking' }));
    expect(gateway.bus.published.at(-1)?.body).toMatchObject({ kind: 'signal', name: 'answer-c1-1', payload: 'DE1', by: 'otto' });
    await expect(send(client, message('DE3', { messageId: 'm-3', taskId: 'asking' }))).rejects.toThrow(/must be one of/);
    await expect(send(client, message('Go on.', { messageId: 'm-4', taskId: 'approval' }))).rejects.toThrow(/asks nothing/);
  });

  it('streams what becomes of a task until it has ended, also to who comes later', async () => {
    const client = await connect('operator');
    const seen: string[] = [];
    const follow = async (stream: ReturnType<Client['sendMessageStream']>, who: string): Promise<void> => {
      for await (const { payload } of stream) {
        seen.push(`${who} ${payload?.$case === 'statusUpdate' || payload?.$case === 'task' ? `${payload.$case} ${TaskState[payload.value.status?.state ?? 0]}` : `${payload?.$case}`}`);
        if (who === 'first' && seen.length === 1) {
          await append(log, key(runId), 'plan', [accepted({ source: '/a2a', id: 'm-1', thread: 'talk' } as never)]);
          await follow(client.resubscribeTask(at(runId)), 'later');
        }
        if (who === 'later' && payload?.$case === 'task') await append(log, key(runId), 'end', [decided(1, [], 'Paid.'), ended('Paid.')]);
      }
    };
    await follow(client.sendMessageStream({ tenant: '', metadata: undefined, configuration: undefined, message: message('Pay invoice 9.', { contextId: 'talk' }) }), 'first');

    // Whether the work in between is told depends on whether it is still going on when it is looked at.
    expect(seen.filter((one) => one !== 'first statusUpdate TASK_STATE_WORKING')).toEqual([
      'first task TASK_STATE_SUBMITTED', 'later task TASK_STATE_WORKING', 'later artifactUpdate', 'later statusUpdate TASK_STATE_COMPLETED', 'first artifactUpdate', 'first statusUpdate TASK_STATE_COMPLETED',
    ]);
    await expect(client.resubscribeTask(at('run-1')).next()).rejects.toThrow(/Nothing more happens/);
  });

  it('waits for the end of a task for whoever does not want to look again', async () => {
    const client = await connect('operator');
    const waiting = send(client, message('Pay invoice 9.', { contextId: 'talk' }), false);
    while (gateway.bus.published.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await append(log, key(runId), 'plan', [accepted()]);
    await append(log, key(runId), 'end', [decided(1, [], 'Paid.'), ended('Paid.')]);

    expect((await waiting).status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
  });

  it('cancels, and says when there is nothing to cancel', async () => {
    await payInvoice(log, key('open'), 2);
    const client = await connect('operator');

    expect((await client.cancelTask({ ...at('open'), metadata: undefined })).id).toBe('open');
    expect(gateway.bus.published.at(-1)?.body).toMatchObject({ kind: 'control', action: 'cancel', by: 'otto' });
    await expect(client.cancelTask({ ...at('run-1'), metadata: undefined })).rejects.toThrow(/ended/);
    await expect((await connect('viewer')).cancelTask({ ...at('open'), metadata: undefined })).rejects.toThrow(/role "operator"/);
  });

  it('lists tasks page by page', async () => {
    await payInvoice(log, key('run-2'));
    const client = await connect('viewer');
    const page = (pageToken: string) => client.listTasks({ tenant: '', contextId: '', status: TaskState.TASK_STATE_UNSPECIFIED, pageSize: 1, pageToken, statusTimestampAfter: undefined });
    const first = await page('');
    const second = await page(first.nextPageToken);

    expect([...first.tasks, ...second.tasks].map(({ id }) => id).sort()).toEqual(['run-1', 'run-2']);
  });

  it.each([
    ['no JSON-RPC', { no: 'rpc' }, '1.0', -32602],
    ['another version of the protocol', { jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: 'run-1' } }, '0.3', -32009],
    ['no method', { jsonrpc: '2.0', id: 1, method: 'DropTables', params: {} }, '1.0', -32601],
    ['another tenant\'s name', { jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: 'run-1', tenant: 'globex' } }, '1.0', -32602],
    ['a message without an id', { jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message: { parts: [{ text: 'x' }] } } }, '1.0', -32602],
    ['a message of a type that nobody takes', { jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message: { messageId: 'm', parts: [{ text: 'x' }], metadata: { type: 'no.such' } } } }, '1.0', -32602],
    ['push notifications', { jsonrpc: '2.0', id: 1, method: 'CreateTaskPushNotificationConfig', params: { taskId: 'run-1' } }, '1.0', -32003],
  ])('answers %s with an error of the protocol', async (_, body, version, code) => {
    const answer = await fetch(`${url}/a2a`, { method: 'POST', headers: { ...bearer('operator'), 'content-type': 'application/json', 'a2a-version': version }, body: JSON.stringify(body) });

    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ error: expect.objectContaining({ code }) })]);
  });
});
