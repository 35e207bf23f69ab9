import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';

const problem = { description: 'Problem', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
const json = (schema: unknown) => ({ 'application/json': { schema } });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** The bank's own description of itself. */
export const bankDocument = {
  openapi: '3.1.0', info: { title: 'Bank', version: '1.0.0' },
  servers: [{ url: 'https://elsewhere.invalid' }],
  paths: {
    '/accounts/{account}': {
      parameters: [{ name: 'account', in: 'path', required: true, schema: { type: 'string' } }],
      get: { operationId: 'getBalance', summary: 'Tells a balance', parameters: [{ name: 'fields', in: 'query', schema: { type: 'array', items: { type: 'string' } } }, { name: 'Authorization', in: 'header', schema: { type: 'string' } }], responses: { 200: { description: 'The account', content: json(ref('Account')) } } },
    },
    '/transfers': {
      post: {
        operationId: 'createTransfer', summary: 'Transfers money',
        requestBody: { required: true, content: json(ref('NewTransfer')) }, responses: { 201: { description: 'Done', content: json(ref('Transfer')) }, 409: problem, 422: problem },
      },
    },
    '/letters': {
      post: { operationId: 'postLetter', summary: 'Posts a letter', requestBody: { required: true, content: json({ type: 'object', properties: { reference: { type: 'string' }, text: { type: 'string' } }, required: ['reference', 'text'] }) }, responses: { 201: { description: 'Posted', content: json(ref('Letter')) } } },
      get: { operationId: 'listLetters', parameters: [{ name: 'reference', in: 'query', required: true, schema: { type: 'string' } }], responses: { 200: { description: 'Letters', content: json({ type: 'object', properties: { letters: { type: 'array', items: ref('Letter') } }, required: ['letters'] }) } } },
    },
    '/accounts/{account}/closing': { delete: { operationId: 'closeAccount', summary: 'Closes an account', parameters: [{ name: 'account', in: 'path', required: true, schema: { type: 'string' } }], responses: { 204: { description: 'Closed' } } } },
  },
  components: {
    securitySchemes: { bankKey: { type: 'http', scheme: 'bearer' } },
    schemas: {
      Account: { type: 'object', properties: { account: { type: 'string' }, cents: { type: 'integer' }, parent: ref('Account') }, required: ['account', 'cents'] },
      NewTransfer: { type: 'object', properties: { id: { type: 'string', readOnly: true }, reference: { type: 'string' }, account: { type: 'string' }, cents: { type: 'integer', minimum: 1 } }, required: ['id', 'reference', 'account', 'cents'] },
      Transfer: { type: 'object', properties: { transfer: { type: 'string' }, cents: { type: 'integer' } }, required: ['transfer', 'cents'] },
      Letter: { type: 'object', properties: { letter: { type: 'string' } }, required: ['letter'] },
      Problem: { type: 'object', properties: { title: { type: 'string' } } },
    },
  },
} as const;

/** What goes wrong with the next requests, in turn: the connection is dropped after or before the effect, or an answer is given instead. */
export type Mishap = 'drop-after' | 'drop-before' | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly title: string };

/** A bank that honours Idempotency-Key on transfers as the IETF draft describes it, and keeps its own record of effects. */
export class Bank {
  readonly mishaps: Mishap[] = [];
  readonly seen: { readonly method: string; readonly url: string; readonly headers: IncomingMessage['headers'] }[] = [];
  document: unknown = bankDocument;
  private readonly database = new DatabaseSync(':memory:');
  private readonly server = createServer((request, response) => void this.serve(request, response));

  constructor() {
    this.database.exec('CREATE TABLE effects (kind TEXT, reference TEXT); CREATE TABLE keys (key TEXT PRIMARY KEY, body TEXT, answer TEXT)');
  }

  async open(): Promise<URL> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  effects(kind: string): number {
    return (this.database.prepare('SELECT count(*) AS n FROM effects WHERE kind = ?').get(kind) as { n: number }).n;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    this.seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    const send = (status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}): void => void response.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json', ...headers }).end(body === undefined ? undefined : JSON.stringify(body));
    const url = new URL(request.url ?? '/', 'http://bank');
    if (url.pathname === '/openapi.json') return send(200, this.document);
    if (request.headers.authorization !== 'Bearer bank-secret') return send(401, { title: 'Who are you?' });
    const mishap = this.mishaps.shift();
    if (mishap === 'drop-before') return void request.socket.destroy();
    if (typeof mishap === 'object') return send(mishap.status, { title: mishap.title }, mishap.headers);
    const answer = this.act(`${request.method} ${url.pathname}`, url, text, request.headers['idempotency-key'] as string | undefined);
    if (mishap === 'drop-after') return void request.socket.destroy();
    send(answer.status, answer.body);
  }

  private act(route: string, url: URL, text: string, key: string | undefined): { readonly status: number; readonly body?: unknown } {
    const body = text === '' ? {} : (JSON.parse(text) as { reference: string; cents: number });
    const record = (kind: string, reference: string): void => void this.database.prepare('INSERT INTO effects VALUES (?, ?)').run(kind, reference);
    if (route === 'GET /letters') {
      const rows = this.database.prepare('SELECT rowid AS id FROM effects WHERE kind = ? AND reference = ?').all('letter', url.searchParams.get('reference')) as { id: number }[];
      return { status: 200, body: { letters: rows.map(({ id }) => ({ letter: `l-${id}` })) } };
    }
    if (route === 'POST /letters') {
      record('letter', (body as { reference: string }).reference);
      return { status: 201, body: { letter: `l-${this.effects('letter')}` } };
    }
    if (route === 'POST /transfers') {
      if (key === undefined) return { status: 400, body: { title: 'Idempotency-Key is missing' } };
      const known = this.database.prepare('SELECT body, answer FROM keys WHERE key = ?').get(key) as { body: string; answer: string } | undefined;
      if (known !== undefined) return known.body === text ? { status: 201, body: JSON.parse(known.answer) as unknown } : { status: 422, body: { title: 'Idempotency-Key is already used' } };
      const { reference, cents } = body as { reference: string; cents: number };
      record('transfer', reference);
      const answer = { transfer: `t-${this.effects('transfer')}`, cents };
      this.database.prepare('INSERT INTO keys VALUES (?, ?, ?)').run(key, text, JSON.stringify(answer));
      return { status: 201, body: answer };
    }
    if (route.startsWith('DELETE /accounts/')) {
      record('closing', route);
      return { status: 204 };
    }
    if (route.startsWith('GET /accounts/')) return { status: 200, body: { account: decodeURIComponent(url.pathname.slice('/accounts/'.length)), cents: 700 } };
    return { status: 404, body: { title: 'Nothing here' } };
  }
}
