import { asyncApiAnswering, asyncApiDocument, asyncApiMessage, asyncApiMessages, subjects, workerDescribe, workerDescription, workerExecuted, workerReconciled, workerRequest } from '@holdfast/contracts';

type Json = Record<string, unknown>;

const ROLE = 'worker';
const ADDRESS = { adapter: '{adapter}', tool: '{tool}' } as const;

/**
 * The wire contract of workers as an AsyncAPI 3 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0),
 * made of the very schemas that check the messages.
 */
export function asyncApi(): Json {
  return asyncApiDocument({
    title: 'Holdfast workers', role: ROLE,
    description: [
      'A worker in any language serves the tools of one adapter. It connects to the broker with the nkey of the role `worker`, under the inbox prefix `_INBOX.worker`, and subscribes to its subjects in the queue group `worker`, so that several instances share the requests.',
      'The tool adapter of Holdfast asks. It holds the ledger, the permits, the retries and the deadlines: a worker makes exactly one attempt for each request, checks nothing but its own business, and says truthfully what it knows about the effect. An answer that does not come in time, or cannot be read, counts as `unknown`. When nobody listens, the request counts as `not-done`.',
      'A request may come again with the same `operationKey`, also to another instance: hand the key on to the system behind, or remember it, where the contract says that the tool is `keyed`.',
    ],
    channels: {
      execute: channel(subjects.workerExecute(ADDRESS.adapter, ADDRESS.tool), 'Makes one attempt.', { request: 'Request', executed: 'Executed' }, true),
      reconcile: channel(subjects.workerReconcile(ADDRESS.adapter, ADDRESS.tool), 'Asks the system of record whether the operation happened; only for tools whose contract says `reconciles: true`.', { request: 'Request', reconciled: 'Reconciled' }, true),
      describe: channel(subjects.workerDescribe(ADDRESS.adapter), 'Asks which tools the worker has, at its start, at intervals and after a notice.', { describe: 'Describe', description: 'Description' }, false),
      changed: channel(subjects.workerChanged(ADDRESS.adapter), 'The worker\'s notice that its tools changed.', { changed: 'Changed' }, false),
    },
    operations: {
      execute: asyncApiAnswering(ROLE, 'execute', 'request', ['executed']),
      reconcile: asyncApiAnswering(ROLE, 'reconcile', 'request', ['reconciled']),
      describe: asyncApiAnswering(ROLE, 'describe', 'describe', ['description']),
      changed: { action: 'send', channel: { $ref: '#/channels/changed' }, messages: [{ $ref: '#/channels/changed/messages/changed' }] },
    },
    messages: {
      Request: asyncApiMessage('One attempt of one call.', workerRequest, {
        headers: { type: 'object', properties: { traceparent: { type: 'string', description: 'W3C Trace Context.' }, tracestate: { type: 'string' } } },
        examples: [{ name: 'payment', payload: { tool: 'pay_invoice', arguments: { invoice: 'INV-7', amountCents: 1200 }, operationKey: '5c1b'.repeat(16), attempt: 1, timeoutMs: 5000, tenant: 'acme', run: 'run-1', call: 'c1-1' } }],
      }),
      Executed: asyncApiMessage('What became of the attempt.', workerExecuted, {
        examples: [
          { name: 'succeeded', payload: { status: 'succeeded', result: { paymentId: 'p-1' } } },
          { name: 'refused', payload: { status: 'failed', kind: 'refused', code: 'bank.account-closed', message: 'The account is closed.', remedy: 'Ask the supplier for another account.' } },
        ],
      }),
      Reconciled: asyncApiMessage('What the system of record says.', workerReconciled, { examples: [{ name: 'notDone', payload: { status: 'not-done' } }] }),
      Describe: asyncApiMessage('Asks for the contracts.', workerDescribe, {}),
      Description: asyncApiMessage('The contracts, as in a contract file and without digests.', workerDescription, {}),
      Changed: { summary: 'A hint to ask again; its content does not matter.', payload: {} },
    },
  });
}

function channel(address: string, description: string, messages: Readonly<Record<string, string>>, hasTool: boolean): Json {
  return {
    address, description,
    messages: asyncApiMessages(messages),
    parameters: { adapter: { description: 'The adapter that the contracts name.' }, ...(hasTool ? { tool: { description: 'The tool\'s name.' } } : {}) },
    bindings: { nats: {} },
  };
}
