import { REASONER_SILENCE_MS, REASONER_UNHEARD_MS, reasonerAnswer, reasonerFailure, reasonerProgress, reasonerRequest, repliesOf, subjects } from '@holdfast/contracts';
import { z } from 'zod';

type Json = Record<string, unknown>;

const label = { trust: 'user', secrecy: 'internal', source: 'task' };

/**
 * The wire contract of reasoners as an AsyncAPI 3 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0),
 * made of the very schemas that check the messages.
 */
export function asyncApi(): Json {
  const reply = (name: string): Json => ({ $ref: `#/channels/propose/messages/${name}` });
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Holdfast reasoners', version: '1.0.0', license: { name: 'Apache-2.0' },
      description: [
        'A process in any language takes the place of the model for the agents that name it as their `reasoner`. It connects to the broker with the nkey of the role `reasoner`, under the inbox prefix `_INBOX.reasoner`, and subscribes to its subject in the queue group `reasoner`, so that several instances share the requests. It may do nothing else on the bus.',
        'Each request is one step and stands for itself: what was answered before is in its messages, and the same request may come again, to any instance. What is answered is a wish, worth what a model\'s is: policy judges every call, tool adapters make it, the log records it. The process keeps nothing that matters, and whatever it does by itself Holdfast knows nothing of.',
        `Every message on the reply subject is progress until one is an answer or an error. Whoever sends progress sends it at least once a second: after ${REASONER_SILENCE_MS / 1_000} seconds of silence the instance is taken for dead, and another is asked. Whoever sends none has to answer within ${REASONER_UNHEARD_MS / 1_000} seconds. The broker lets at most ${repliesOf('reasoner').max} messages through for a request.`,
      ].join('\n\n'),
    },
    defaultContentType: 'application/json',
    servers: { broker: { host: 'broker.example.com:4222', protocol: 'nats', description: 'The broker of the installation.', security: [{ $ref: '#/components/securitySchemes/nkey' }] } },
    channels: {
      propose: {
        address: subjects.reasonerPropose('{reasoner}'), description: 'Asks what an agent\'s next step should be.',
        messages: { request: { $ref: '#/components/messages/Request' }, progress: { $ref: '#/components/messages/Progress' }, answer: { $ref: '#/components/messages/Answer' }, failure: { $ref: '#/components/messages/Failure' } },
        parameters: { reasoner: { description: 'The name that the agent declares.' } },
        bindings: { nats: {} },
      },
    },
    operations: {
      propose: {
        action: 'receive', channel: { $ref: '#/channels/propose' }, messages: [reply('request')],
        bindings: { nats: { queue: 'reasoner', bindingVersion: '0.1.0' } },
        reply: { address: { location: '$message.header#/reply', description: 'The reply subject of the NATS request.' }, channel: { $ref: '#/channels/propose' }, messages: [reply('progress'), reply('answer'), reply('failure')] },
      },
    },
    components: {
      securitySchemes: { nkey: { type: 'asymmetricEncryption', description: 'An nkey (Ed25519) of the role `reasoner`.' } },
      messages: {
        Request: message('One step of a run.', reasonerRequest, {
          headers: { type: 'object', properties: { traceparent: { type: 'string', description: 'W3C Trace Context.' }, tracestate: { type: 'string' } } },
          examples: [{ name: 'firstStep', payload: {
            protocol: 1, tenant: 'acme', run: 'run-1', basis: 1, agent: { name: 'orderer', digest: '5c1b'.repeat(16) }, instructions: 'Order what the task names.',
            messages: [{ role: 'user', text: '{"goal":"Order paper."}', label, fields: { goal: label } }],
            tools: [{ name: 'order', description: 'Orders something.', input: { type: 'object' }, digest: '7d2e'.repeat(16) }], mayOnlyAnswer: false, left: { steps: 20 }, timeoutMs: 120_000,
          } }],
        }),
        Progress: message('The process is at work. What it says, whoever watches the run reads along.', reasonerProgress, { examples: [{ name: 'words', payload: { working: true, said: 'Let me see' } }] }),
        Answer: message('Calls, or the end.', reasonerAnswer, {
          examples: [
            { name: 'call', payload: { basis: 1, text: 'I order it.', requests: [{ tool: 'order', arguments: { reference: 'paper' } }], model: { name: 'openai/gpt-5', inputTokens: 812, outputTokens: 40 } } },
            { name: 'end', payload: { basis: 5, answer: 'Paper is ordered.' } },
          ],
        }),
        Failure: message('Why there is no answer.', reasonerFailure, { examples: [{ name: 'busy', payload: { error: { code: 'graph.busy', message: 'The model is asked too often.', retryable: true, retryAfterMs: 5_000 } } }] }),
      },
    },
  };
}

function message(summary: string, schema: z.ZodType, more: Json): Json {
  const { $schema: _dialect, ...payload } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return { summary, contentType: 'application/json', payload, ...more };
}
