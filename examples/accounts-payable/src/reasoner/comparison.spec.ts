import { describe, expect, it } from '@jest/globals';
import { compare } from './comparison.js';
import type { Invoice, PurchaseOrder } from './documents.js';

const line = (sku: string, quantity: number, unitPriceCents: number, description = 'Article') => ({ sku, description, quantity, unitPriceCents });
const total = (lines: readonly ReturnType<typeof line>[]): number => lines.reduce((sum, { quantity, unitPriceCents }) => sum + quantity * unitPriceCents, 0);
const order = (...lines: ReturnType<typeof line>[]): PurchaseOrder => ({ poNumber: 'PO-1', supplierId: 'SUP-1', supplierName: 'S', supplierEmail: 's@s.example', iban: '', currency: 'EUR', status: 'open', totalCents: total(lines), lines });
const invoice = (lines: ReturnType<typeof line>[], totalCents = total(lines)): Invoice => ({ invoiceNumber: 'INV-1', poNumber: 'PO-1', supplierName: 'S', currency: 'EUR', totalCents, lines, text: '' });

describe('comparing an invoice with its order', () => {
  it('finds nothing when they agree, in any order of lines and with a line split in two', () => {
    const agreed = compare(invoice([line('B', 1, 5), line('A', 2, 10), line('A', 1, 10)]), order(line('A', 3, 10), line('B', 1, 5)));
    expect(agreed).toEqual({ quantityDiffers: false, priceDiffers: false, freightLine: false, differences: [] });
  });

  it('tells a wrong quantity from a wrong price', () => {
    expect(compare(invoice([line('A', 4, 1_000)]), order(line('A', 3, 1_000)))).toMatchObject({ quantityDiffers: true, priceDiffers: false, differences: ['A: quantity 4 was billed, 3 was ordered.'] });
    expect(compare(invoice([line('A', 3, 1_001)]), order(line('A', 3, 1_000)))).toMatchObject({ quantityDiffers: false, priceDiffers: true, differences: ['A: unit price 10.01 was billed, 10.00 was agreed.'] });
  });

  it('takes lines that were not ordered or not billed for wrong quantities', () => {
    const { differences, quantityDiffers } = compare(invoice([line('A', 1, 10)]), order(line('B', 1, 10)));
    expect(quantityDiffers).toBe(true);
    expect(differences).toHaveLength(2);
  });

  it('sees a total that is not the sum of its lines, and a freight line', () => {
    expect(compare(invoice([line('A', 1, 10)], 11), order(line('A', 1, 10))).differences).toHaveLength(1);
    expect(compare(invoice([line('F', 1, 10, 'Freight to Kiel')]), order(line('F', 1, 10))).freightLine).toBe(true);
  });
});
