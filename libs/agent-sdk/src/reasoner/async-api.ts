import { asyncApiAnswering, asyncApiDocument, asyncApiMessage, asyncApiMessages, REASONER_SILENCE_MS, REASONER_UNHEARD_MS, reasonerAnswer, reasonerFailure, reasonerProgress, reasonerRequest, repliesOf, subjects } from '@holdfast/contracts';

type Json = Record<string, unknown>;

const ROLE = 'reasoner';
const label = { trust: 'user', secrecy: 'internal', source: 'task' };

/**
 * The wire contract of reasoners as an AsyncAPI 3 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0),
 * made of the very schemas that check the messages.
 */
export function asyncApi(): Json {
  return asyncApiDocument({
    title: 'Holdfast reasoners', role: ROLE,
    description: [
      'A process in any language takes the place of the model for the agents that name it as their `reasoner`. It connects to the broker with the nkey of the role `reasoner`, under the inbox prefix `_INBOX.reasoner`, and subscribes to its subject in the queue group `reasoner`, so that several instances share the requests. It may do nothing else on the bus.',
      'Each request is one step and stands for itself: what was answered before is in its messages, and the same request may come again, to any instance. What is answered is a wish, worth what a model\'s is: policy judges every call, tool adapters make it, the log records it. The process keeps nothing that matters, and whatever it does by itself Holdfast knows nothing of.',
      `Every message on the reply subject is progress until one is an answer or an error. Whoever sends progress sends it at least once a second: after ${REASONER_SILENCE_MS / 1_000} seconds of silence the instance is taken for dead, and another is asked. Whoever sends none has to answer within ${REASONER_UNHEARD_MS / 1_000} seconds. The broker lets at most ${repliesOf('reasoner').max} messages through for a request.`,
    ],
    channels: {
      propose: {
        address: subjects.reasonerPropose('{reasoner}'), description: 'Asks what an agent\'s next step should be.',
        messages: asyncApiMessages({ request: 'Request', progress: 'Progress', answer: 'Answer', failure: 'Failure' }),
        parameters: { reasoner: { description: 'The name that the agent declares.' } },
        bindings: { nats: {} },
      },
    },
    operations: { propose: asyncApiAnswering(ROLE, 'propose', 'request', ['progress', 'answer', 'failure']) },
    messages: {
      Request: asyncApiMessage('One step of a run.', reasonerRequest, {
        headers: { type: 'object', properties: { traceparent: { type: 'string', description: 'W3C Trace Context.' }, tracestate: { type: 'string' } } },
        examples: [{ name: 'firstStep', payload: {
          protocol: 1, tenant: 'acme', run: 'run-1', basis: 1, agent: { name: 'orderer', digest: '5c1b'.repeat(16) }, instructions: 'Order what the task names.',
          messages: [{ role: 'user', text: '{"goal":"Order paper."}', label, fields: { goal: label } }],
          tools: [{ name: 'order', description: 'Orders something.', input: { type: 'object' }, digest: '7d2e'.repeat(16) }], mayOnlyAnswer: false, left: { steps: 20 }, timeoutMs: 120_000,
        } }],
      }),
      Progress: asyncApiMessage('The process is at work. What it says, whoever watches the run reads along.', reasonerProgress, { examples: [{ name: 'words', payload: { working: true, said: 'Let me see' } }] }),
      Answer: asyncApiMessage('Calls, or the end.', reasonerAnswer, {
        examples: [
          { name: 'call', payload: { basis: 1, text: 'I order it.', requests: [{ tool: 'order', arguments: { reference: 'paper' } }], model: { name: 'openai/gpt-5', inputTokens: 812, outputTokens: 40 } } },
          { name: 'end', payload: { basis: 5, answer: 'Paper is ordered.' } },
        ],
      }),
      Failure: asyncApiMessage('Why there is no answer.', reasonerFailure, { examples: [{ name: 'busy', payload: { error: { code: 'graph.busy', message: 'The model is asked too often.', retryable: true, retryAfterMs: 5_000 } } }] }),
    },
  });
}
