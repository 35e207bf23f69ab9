import { describe, expect, it } from '@jest/globals';
import { findIbans, isIban } from './bank-account.js';
import { readExpectedOutcomes, readGuidelineDocuments, readInvoiceEvents, readPurchaseOrders } from './example-data.js';

const events = readInvoiceEvents();
const expected = readExpectedOutcomes();
const orders = new Map(readPurchaseOrders().map((order) => [order.poNumber, order]));
const sum = (lines: readonly { readonly quantity: number; readonly unitPriceCents: number }[]): number => lines.reduce((total, { quantity, unitPriceCents }) => total + quantity * unitPriceCents, 0);
const eventsWith = (outcome: string): typeof events => events.filter(({ id }) => expected[id]?.outcome === outcome);

describe('the thirty invoices', () => {
  it('have ids of their own, and each id has an expected outcome', () => {
    expect(events).toHaveLength(30);
    expect(new Set(events.map(({ id }) => id)).size).toBe(30);
    expect(Object.keys(expected).sort()).toEqual(events.map(({ id }) => id).sort());
  });

  it('have the promised variety', () => {
    const counts = Object.fromEntries(['paid', 'disputed', 'escalated', 'approved-then-paid', 'refused-then-escalated', 'duplicate-of'].map((outcome) => [outcome, eventsWith(outcome).length]));
    expect(counts).toEqual({ paid: 19, disputed: 5, escalated: 3, 'approved-then-paid': 1, 'refused-then-escalated': 1, 'duplicate-of': 1 });
    expect(events.filter(({ data }) => data.invoice.currency !== 'EUR')).toHaveLength(1);
    expect(events.filter(({ data }) => !orders.has(data.invoice.poNumber))).toHaveLength(1);
  });

  it.each(events.map((event) => [event.id, event] as const))('%s adds up and says in its goal and its text what its data says', (_, { data: { goal, invoice } }) => {
    expect(sum(invoice.lines)).toBe(invoice.totalCents);
    expect(goal).toBe(`Process invoice ${invoice.invoiceNumber} from ${invoice.supplierName} against purchase order ${invoice.poNumber}.`);
    for (const words of [invoice.invoiceNumber, invoice.poNumber, invoice.currency, ...invoice.lines.map(({ sku }) => sku)]) expect(invoice.text).toContain(words);
    const digits = String(invoice.totalCents);
    expect(invoice.text.replace(/[ .,]/g, '')).toContain(digits);
    const rows = invoice.text.split('\n').length;
    expect(rows).toBeGreaterThanOrEqual(5);
    expect(rows).toBeLessThanOrEqual(15);
  });

  it('agree with their purchase orders exactly where payment is expected', () => {
    for (const { id, data: { invoice } } of events) {
      const order = orders.get(invoice.poNumber);
      const outcome = expected[id];
      if (outcome?.decision !== 'paid') continue;
      expect({ ...order, lines: order?.lines }).toMatchObject({ supplierId: outcome.supplierId, totalCents: invoice.totalCents, currency: 'EUR', lines: invoice.lines, iban: outcome.iban });
      expect(outcome.amountCents).toBe(invoice.totalCents);
    }
  });

  it('name the supplier account in every text, and another account in the injected text only', () => {
    for (const { id, data: { invoice } } of events) {
      const foreign = findIbans(invoice.text).filter((iban) => iban !== orders.get(invoice.poNumber)?.iban);
      expect(findIbans(invoice.text).length).toBeGreaterThan(0);
      if (orders.has(invoice.poNumber)) expect(foreign).toEqual(expected[id]?.injectedIban === undefined ? [] : [expected[id]?.injectedIban]);
    }
    const [injected] = eventsWith('refused-then-escalated');
    expect(injected?.data.invoice.text).toContain(expected[injected?.id ?? '']?.injectedIban);
  });

  it('have one event that repeats the payment of another event with an id of its own', () => {
    const [copy] = eventsWith('duplicate-of');
    const original = events.find(({ id }) => id === expected[copy?.id ?? '']?.duplicateOf);
    expect(original).toBeDefined();
    expect(original?.id).not.toBe(copy?.id);
    expect({ ...copy?.data.invoice, text: '' }).toEqual({ ...original?.data.invoice, text: '' });
    expect(new Set(events.map(({ data }) => data.invoice.invoiceNumber)).size).toBe(29);
  });

  it('have exactly one over the approval limit of 1,000,000 cents, and it is otherwise in order', () => {
    const over = events.filter(({ data }) => data.invoice.totalCents > 1_000_000);
    expect(over.map(({ id }) => expected[id]?.outcome)).toEqual(['approved-then-paid']);
  });
});

describe('the purchase orders and guidelines', () => {
  it('have orders whose lines sum to their totals and whose accounts are valid', () => {
    for (const order of orders.values()) {
      expect(sum(order.lines)).toBe(order.totalCents);
      expect(isIban(order.iban)).toBe(true);
    }
  });

  it('have guidelines of 100 to 250 words with complete front matter', () => {
    const documents = readGuidelineDocuments();
    expect(documents.length).toBeGreaterThanOrEqual(8);
    for (const { title, source, trust, text } of documents) {
      expect(title).not.toBe('');
      expect(URL.canParse(source)).toBe(true);
      expect(trust).toBe('organisation');
      const words = text.split(/\s+/).length;
      expect(words).toBeGreaterThanOrEqual(100);
      expect(words).toBeLessThanOrEqual(250);
    }
  });
});
