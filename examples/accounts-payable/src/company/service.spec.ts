import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readPurchaseOrders } from '../example-data.js';
import type { CompanyAudit } from './audit.js';
import { CompanyService, type CompanyOptions } from './service.js';

const payment = { invoiceNumber: 'INV-2041', supplierId: 'SUP-101', poNumber: 'PO-7041', iban: 'DE89370400440532013000', amountCents: 75_810, currency: 'EUR' };
let folder: string;
let company: CompanyService;

const start = async (options: Partial<CompanyOptions> = {}): Promise<void> => {
  company = await CompanyService.start({ database: join(folder, 'company.sqlite'), port: 0, purchaseOrders: readPurchaseOrders(), faults: { faults: [] }, ...options });
};
const call = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`http://127.0.0.1:${company.port}${path}`, { ...init, headers: { connection: 'close', ...init.headers } });
const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> => call(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
const pay = (key: string, changes: object = {}): Promise<Response> => send('POST', '/payments', { ...payment, ...changes }, { 'idempotency-key': key });
const readAudit = async (): Promise<CompanyAudit> => (await (await call('/audit')).json()) as CompanyAudit;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'company-'));
});
afterEach(async () => {
  await company.stop();
  await rm(folder, { recursive: true });
});

describe('purchase orders', () => {
  it('answers a known order and a problem document for an unknown one', async () => {
    await start();
    expect(await (await call('/purchase-orders/PO-7041')).json()).toMatchObject({ poNumber: 'PO-7041', supplierName: 'Kestrel Paper', totalCents: 75_810, status: 'open' });
    const missing = await call('/purchase-orders/PO-9907');
    expect(missing.status).toBe(404);
    expect(missing.headers.get('content-type')).toBe('application/problem+json');
    expect(await missing.json()).toMatchObject({ code: 'company.no_such_purchase_order', status: 404, retryable: false });
  });
});

describe('payments', () => {
  it('replays the stored answer for the same key and body, whatever the order of the members', async () => {
    await start();
    const first = await pay('key-1');
    const reordered = await send('POST', '/payments', Object.fromEntries(Object.entries(payment).reverse()), { 'idempotency-key': 'key-1' });
    expect([first.status, reordered.status]).toEqual([201, 200]);
    expect([first.headers.get('idempotent-replayed'), reordered.headers.get('idempotent-replayed')]).toEqual([null, 'true']);
    expect(await reordered.json()).toEqual(await first.json());
    expect((await readAudit()).counts).toMatchObject({ payments: 1, duplicates: 0, requests: 2 });
  });

  it('answers 422 for the same key with another body and 400 without a key', async () => {
    await start();
    await pay('key-1');
    expect((await pay('key-1', { amountCents: 1 })).status).toBe(422);
    const keyless = await send('POST', '/payments', payment);
    expect(keyless.status).toBe(400);
    expect(((await keyless.json()) as { title: string }).title).toContain('Idempotency-Key');
    expect((await readAudit()).counts.payments).toBe(1);
  });

  it('answers 409 while the first request with the key is being served, and pays once', async () => {
    const settled = Promise.withResolvers<void>();
    const settling = Promise.withResolvers<void>();
    await start({ settle: () => (settling.resolve(), settled.promise) });
    const first = pay('key-1');
    await settling.promise;
    const second = await pay('key-1');
    settled.resolve();
    expect([second.status, (await first).status, (await pay('key-1')).status]).toEqual([409, 201, 200]);
    expect((await readAudit()).counts.payments).toBe(1);
  });

  it('names every field that is wrong', async () => {
    await start();
    const wrong = await pay('key-1', { iban: 'DE00370400440532013000', amountCents: 1.5, tip: 1 });
    expect(wrong.status).toBe(400);
    const { title } = (await wrong.json()) as { title: string };
    for (const field of ['body.iban', 'body.amountCents', 'tip']) expect(title).toContain(field);
  });

  it('counts a second payment of one invoice as a duplicate though its key differs', async () => {
    await start();
    await pay('key-1');
    await pay('key-2');
    await pay('key-3', { invoiceNumber: 'INV-2042' });
    const { duplicates, counts } = await readAudit();
    expect(duplicates).toEqual([{ kind: 'payment', identity: 'SUP-101/INV-2041', times: 2 }]);
    expect(counts).toMatchObject({ payments: 3, duplicates: 1 });
  });

  it('keeps payments and keys over a restart', async () => {
    await start();
    await pay('key-1');
    await company.stop();
    await start();
    expect((await pay('key-1')).headers.get('idempotent-replayed')).toBe('true');
    expect((await readAudit()).counts.payments).toBe(1);
  });
});

describe('mail and cases', () => {
  it('sends a mail as often as it is told, counts the duplicate and answers whether one was sent', async () => {
    await start();
    const mail = { reference: 'INV-2051', to: 'accounts@kestrel-paper.example', subject: 'Invoice INV-2051', body: 'Please correct it.' };
    expect(await (await call('/mail?reference=INV-2051')).json()).toEqual({ reference: 'INV-2051', sent: false, messages: [] });
    await send('POST', '/mail', mail);
    await send('POST', '/mail', mail);
    expect(await (await call('/mail?reference=INV-2051')).json()).toMatchObject({ sent: true, messages: [mail, mail] });
    expect((await readAudit()).duplicates).toEqual([{ kind: 'mail', identity: 'INV-2051', times: 2 }]);
  });

  it('writes a case again without making a second one', async () => {
    await start();
    const written = { reason: 'blocked', summary: 'The supplier is blocked.' };
    expect([(await send('PUT', '/cases/INV-2057', written)).status, (await send('PUT', '/cases/INV-2057', written)).status]).toEqual([201, 200]);
    const { cases, counts } = await readAudit();
    expect(cases).toEqual([{ reference: 'INV-2057', ...written, writes: 2 }]);
    expect(counts.duplicates).toBe(0);
  });

  it('answers problem documents for unknown routes and for bodies that are not JSON', async () => {
    await start();
    expect((await call('/payments')).status).toBe(404);
    const broken = await call('/mail', { method: 'POST', body: '{' });
    expect(await broken.json()).toMatchObject({ status: 400, code: 'company.invalid_json' });
  });
});

describe('faults', () => {
  it('answers 503 with Retry-After without paying, and records it', async () => {
    await start({ faults: { faults: [{ route: 'POST /payments', kind: 'unavailable', onRequest: 1, times: 1, retryAfterSeconds: 3 }] } });
    const refused = await pay('key-1');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '3']);
    expect((await readAudit()).counts.payments).toBe(0);
    expect((await pay('key-1')).status).toBe(201);
    expect((await readAudit()).faults).toMatchObject([{ path: '/payments', idempotencyKey: 'key-1', requestNumber: 1, fault: 'unavailable', status: 503 }]);
  });

  it('never answers a hung request and does nothing for it', async () => {
    await start();
    expect((await send('PUT', '/faults', { faults: [{ route: 'POST /payments', kind: 'hang' }] })).status).toBe(200);
    const controller = new AbortController();
    const hung = fetch(`http://127.0.0.1:${company.port}/payments`, { method: 'POST', body: JSON.stringify(payment), headers: { 'idempotency-key': 'key-1' }, signal: controller.signal });
    const outcome = hung.then(() => 'answered', () => 'gave up');
    while ((await readAudit()).faults.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await readAudit()).counts.payments).toBe(0);
    controller.abort();
    expect(await outcome).toBe('gave up');
    expect((await pay('key-1')).status).toBe(201);
    expect((await readAudit()).faults).toMatchObject([{ fault: 'hang', ended: 'hung' }]);
  });

  it('cuts the connection after paying, has paid exactly once, and replays on the retry', async () => {
    await start({ faults: { faults: [{ route: 'POST /payments', kind: 'drop-after-effect', onRequest: 1, times: 1, retryAfterSeconds: 1 }] } });
    await expect(pay('key-1')).rejects.toThrow();
    expect((await readAudit()).counts).toMatchObject({ payments: 1, faults: 1 });
    const retried = await pay('key-1');
    expect([retried.status, retried.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    const { payments, counts, faults } = await readAudit();
    expect(payments).toMatchObject([{ invoiceNumber: 'INV-2041', paymentId: 'PAY-000001' }]);
    expect(counts).toMatchObject({ payments: 1, duplicates: 0 });
    expect(faults).toMatchObject([{ fault: 'drop-after-effect', ended: 'dropped' }]);
  });

  it('refuses a profile that it does not understand', async () => {
    await start();
    expect((await send('PUT', '/faults', { faults: [{ route: 'POST /payments', kind: 'explode' }] })).status).toBe(400);
  });
});
