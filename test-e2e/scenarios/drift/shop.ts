import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const json = (schema: unknown) => ({ 'application/json': { schema } });

/** What the shop says of itself. `quantity` is the schema of how much is ordered at once. */
export const shopDocument = (quantity: object) => ({
  openapi: '3.1.0', info: { title: 'Shop', version: '1.0.0' },
  paths: {
    '/orders': {
      post: {
        operationId: 'placeOrder', summary: 'Orders something',
        requestBody: { required: true, content: json({ type: 'object', properties: { reference: { type: 'string' }, quantity }, required: ['reference', 'quantity'] }) },
        responses: { 201: { description: 'Ordered', content: json({ type: 'object', properties: { order: { type: 'string' } }, required: ['order'] }) } },
      },
    },
  },
});
export const ACCEPTED = shopDocument({ type: 'integer', minimum: 1 });
export const NARROWED = shopDocument({ type: 'integer', minimum: 1, maximum: 100 });

/** A shop that honours Idempotency-Key, may change what it offers and how it answers, and counts what it did. */
export class Shop {
  document: unknown = ACCEPTED;
  /** While set, orders are taken and not answered. */
  held: Promise<void> | undefined;
  answer = (reference: string): unknown => ({ order: `order-${reference}` });
  readonly orders: string[] = [];
  readonly asked: string[] = [];
  private readonly keys = new Map<string, unknown>();
  private readonly server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk))).on('end', () => void (async () => {
      const send = (status: number, value: unknown): unknown => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      if (request.url === '/openapi.json') return send(200, this.document);
      const { reference } = JSON.parse(body) as { reference: string };
      const key = String(request.headers['idempotency-key']);
      this.asked.push(reference);
      await this.held;
      if (!this.keys.has(key)) {
        this.orders.push(reference);
        this.keys.set(key, this.answer(reference));
      }
      return send(201, this.keys.get(key));
    })());
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<unknown> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
