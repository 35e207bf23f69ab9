import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ToolOutcome } from '@holdfast/contracts';
import { InMemoryEffectStore, Ledger, ToolGuards, executeCall, noWorkers, silentLog } from '@holdfast/tool-sdk';
import type { CompanyAudit } from '../company/audit.js';
import { CompanyService } from '../company/service.js';
import { accountsPayableTools, contracts, tools } from './index.js';

const order = {
  poNumber: 'PO-7041', supplierId: 'SUP-101', supplierName: 'Kestrel Paper', supplierEmail: 'accounts@kestrel-paper.example', iban: 'DE81700500100412087731', currency: 'EUR', totalCents: 75_810, status: 'open' as const,
  lines: [{ sku: 'KP-A4-80', description: 'Copier paper', quantity: 24, unitPriceCents: 2_390 }],
};
const payment = { invoiceNumber: 'INV-2041', supplierId: 'SUP-101', poNumber: 'PO-7041', iban: order.iban, amountCents: 75_810, currency: 'EUR' };
const dispute = { reference: 'INV-2042', to: order.supplierEmail, subject: 'Invoice INV-2042', body: 'The price differs.' };

let folder: string;
let company: CompanyService;
let store: InMemoryEffectStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-tools-'));
  company = await CompanyService.start({ database: join(folder, 'company.sqlite'), port: 0, purchaseOrders: [order], faults: { faults: [] } });
  store = new InMemoryEffectStore();
});
afterEach(async () => {
  await company.stop();
  rmSync(folder, { recursive: true });
});

const address = (): string => `http://127.0.0.1:${company.port}`;

function call(name: string, args: unknown, runId = 'run-1', owner = 'worker'): Promise<ToolOutcome> {
  const tool = accountsPayableTools({ company: new URL(address()), searchMemory: () => Promise.resolve({ passages: [] }) }).find((each) => each.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  return executeCall({ tool, args, tenant: 'acme', runId, callId: 'c1-1' }, { ledger: new Ledger({ store, owner }), guards: new ToolGuards(), random: () => 0 });
}

async function setFaults(...faults: object[]): Promise<void> {
  const response = await fetch(`${address()}/faults`, { method: 'PUT', body: JSON.stringify({ faults }) });
  if (!response.ok) throw new Error(await response.text());
}

const audit = async (): Promise<CompanyAudit> => (await (await fetch(`${address()}/audit`)).json()) as CompanyAudit;

describe('the tools of accounts payable', () => {
  it('look up an order, and say clearly that there is none', async () => {
    expect(await call('get_purchase_order', { poNumber: 'PO-7041' })).toMatchObject({ status: 'succeeded', result: order });
    expect(await call('get_purchase_order', { poNumber: 'PO-9' })).toMatchObject({ status: 'failed', failure: { code: 'http.refused', message: expect.stringContaining('PO-9 does not exist') } });
  });

  it('pay an invoice once when two runs ask for it', async () => {
    const [first, second] = [await call('pay_invoice', payment, 'run-1'), await call('pay_invoice', payment, 'run-2', 'other')];

    expect(first).toMatchObject({ status: 'succeeded', replayed: false, result: { paymentId: 'PAY-000001' } });
    expect(second).toMatchObject({ status: 'succeeded', replayed: true, result: { paymentId: 'PAY-000001' } });
    expect((await audit()).counts).toMatchObject({ payments: 1, requests: 1, duplicates: 0 });
  });

  it.each(['unavailable', 'drop-after-effect'])('pay once through the fault %s', async (kind) => {
    await setFaults({ route: 'POST /payments', kind, retryAfterSeconds: 0 });

    expect((await call('pay_invoice', payment)).status).toBe('succeeded');
    expect((await audit()).counts).toMatchObject({ payments: 1, requests: 2, faults: 1, duplicates: 0 });
  });

  it.each([
    { kind: 'unavailable', requests: ['POST', 'POST'] },
    { kind: 'drop-after-effect', requests: ['POST', 'GET'] },
  ])('send one mail through the fault $kind, by asking before sending again', async ({ kind, requests }) => {
    await setFaults({ route: 'POST /mail', kind, retryAfterSeconds: 0 });

    expect(await call('send_dispute', dispute)).toMatchObject({ status: 'succeeded', result: { mailId: 'MAIL-000001', reference: 'INV-2042' } });
    const seen = await audit();
    expect(seen.requests.map(({ method }) => method)).toEqual(requests);
    expect(seen.counts).toMatchObject({ mails: 1, duplicates: 0 });
  });

  it('write a case again after a lost answer, and it is one case', async () => {
    await setFaults({ route: 'PUT /cases/:reference', kind: 'drop-after-effect' });

    expect(await call('escalate_invoice', { reference: 'INV-1', reason: 'Blocked.', summary: 'See the guideline.' })).toMatchObject({ status: 'succeeded', result: { reference: 'INV-1' } });
    expect((await audit()).counts).toMatchObject({ cases: 1, requests: 2 });
  });

  it('refuse an account whose check digits are wrong before anybody is asked', async () => {
    expect(await call('pay_invoice', { ...payment, iban: 'DE00700500100412087731' })).toMatchObject({ status: 'failed', failure: { code: 'tool.input-invalid', message: expect.stringContaining('"iban"') } });
    expect((await audit()).counts.requests).toBe(0);
  });

  it('declare what their values are trusted for, wherever the company is', () => {
    const order = contracts.find(({ name }) => name === 'get_purchase_order');

    expect(contracts.map(({ name, effect }) => `${name} ${effect}`)).toEqual(['get_purchase_order read', 'search_guidelines read', 'pay_invoice keyed', 'send_dispute reconcilable', 'escalate_invoice idempotent']);
    expect(Object.entries(order?.outputLabel.fields ?? {}).map(([field, { trust }]) => `${field} ${trust}`)).toEqual(['iban endorsed', 'supplierEmail endorsed', 'totalCents endorsed', 'supplierId endorsed']);
    expect(accountsPayableTools({ company: new URL(address()), searchMemory: () => Promise.resolve({ passages: [] }) }).map((tool) => tool.contract.digest)).toEqual(contracts.map(({ digest }) => digest));
  });

  it('name the variable that is wrong', () => {
    expect(() => tools({ variables: { COMPANY_URL: 'company' }, searchMemory: () => Promise.resolve({ passages: [] }), remember: () => Promise.reject(new Error('Nothing is remembered here.')), workers: noWorkers, log: silentLog })).toThrow(/COMPANY_URL is "company"/);
  });
});
