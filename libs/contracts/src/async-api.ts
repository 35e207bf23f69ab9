import { z } from 'zod';

type Json = Record<string, unknown>;

/** What a description of one role's wire contract has of its own. */
export interface AsyncApiParts {
  readonly title: string;
  readonly description: readonly string[];
  /** The role of the broker that the described process connects as; its queue group has the same name. */
  readonly role: string;
  readonly channels: Json;
  readonly operations: Json;
  readonly messages: Json;
}

/** The wire contract of processes outside of Holdfast as an AsyncAPI 3 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0). */
export function asyncApiDocument({ title, description, role, channels, operations, messages }: AsyncApiParts): Json {
  return {
    asyncapi: '3.0.0',
    info: { title, version: '1.0.0', license: { name: 'Apache-2.0' }, description: description.join('\n\n') },
    defaultContentType: 'application/json',
    servers: { broker: { host: 'broker.example.com:4222', protocol: 'nats', description: 'The broker of the installation.', security: [{ $ref: '#/components/securitySchemes/nkey' }] } },
    channels,
    operations,
    components: { securitySchemes: { nkey: { type: 'asymmetricEncryption', description: `An nkey (Ed25519) of the role \`${role}\`.` } }, messages },
  };
}

/** A message, made of the very schema that checks it. */
export function asyncApiMessage(summary: string, schema: z.ZodType, more: Json): Json {
  const { $schema: _dialect, ...payload } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return { summary, contentType: 'application/json', payload, ...more };
}

/** The messages of a channel, by the names that operations use, as references to components. */
export function asyncApiMessages(components: Readonly<Record<string, string>>): Json {
  return Object.fromEntries(Object.entries(components).map(([name, component]) => [name, { $ref: `#/components/messages/${component}` }]));
}

/** Requests that processes of a role share as its queue group, and what each is answered. */
export function asyncApiAnswering(role: string, channel: string, question: string, answers: readonly string[]): Json {
  const message = (name: string): Json => ({ $ref: `#/channels/${channel}/messages/${name}` });
  return {
    action: 'receive', channel: { $ref: `#/channels/${channel}` }, messages: [message(question)],
    bindings: { nats: { queue: role, bindingVersion: '0.1.0' } },
    reply: { address: { location: '$message.header#/reply', description: 'The reply subject of the NATS request.' }, channel: { $ref: `#/channels/${channel}` }, messages: answers.map(message) },
  };
}
