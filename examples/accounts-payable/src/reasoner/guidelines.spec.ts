import { describe, expect, it } from '@jest/globals';
import { readGuidelines, type Situation } from './guidelines.js';

const calm: Situation = { supplierNames: ['Kestrel Paper'], currency: 'EUR', quantityDiffers: false, priceDiffers: false, freightLine: false, differences: [] };
const actions = (text: string, changes: Partial<Situation> = {}): readonly string[] => readGuidelines([{ text }], { ...calm, ...changes }).map(({ action }) => action);

describe('reading guidelines', () => {
  it('obeys a rule about a supplier for that supplier only', () => {
    const rule = 'Kestrel Paper is blocked for payment.';
    expect(actions(rule)).toEqual(['escalate']);
    expect(actions(rule, { supplierNames: ['Corvo Print'] })).toEqual([]);
    expect(actions('If Baltic Fasteners bills freight on any invoice, dispute the invoice.', { freightLine: true })).toEqual([]);
    expect(actions('Invoices from Kestrel Paper must be escalated.')).toEqual(['escalate']);
  });

  it('obeys a general rule when its condition holds', () => {
    const currency = 'Every invoice in a currency other than EUR must be escalated.';
    expect([actions(currency), actions(currency, { currency: 'CHF' })]).toEqual([[], ['escalate']]);
    const quantity = 'If the quantity on any invoice differs from the purchase order, dispute the invoice.';
    expect([actions(quantity), actions(quantity, { quantityDiffers: true }), actions(quantity, { priceDiffers: true })]).toEqual([[], ['dispute'], []]);
  });

  it('heeds negations and leaves alone what it does not understand', () => {
    expect(actions('Kestrel Paper is no longer blocked.')).toEqual([]);
    expect(actions('Do not dispute the invoice of any supplier because of freight.', { freightLine: true })).toEqual([]);
    expect(actions('Any invoice whose purchase order cannot be found must be escalated.')).toEqual([]);
  });

  it('puts escalations before disputes and reads passages under any envelope', () => {
    const passages = { results: [{ document: { content: 'If any quantity differs, dispute the invoice.' } }, { content: '---\ntitle: x\n---\n# Kestrel Paper\n\nKestrel Paper is\nblocked.' }] };
    const read = readGuidelines(JSON.stringify(passages), { ...calm, quantityDiffers: true });
    expect(read).toEqual([{ action: 'escalate', sentence: 'Kestrel Paper is blocked.' }, { action: 'dispute', sentence: 'If any quantity differs, dispute the invoice.' }]);
  });
});
