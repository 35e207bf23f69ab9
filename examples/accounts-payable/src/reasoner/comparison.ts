import type { Invoice, PurchaseOrder } from './documents.js';

/** How an invoice departs from its order, in words for the mail and as topics to which guidelines speak. */
export interface Comparison {
  readonly quantityDiffers: boolean;
  readonly priceDiffers: boolean;
  readonly freightLine: boolean;
  /** One sentence for each difference; empty when invoice and order agree. */
  readonly differences: readonly string[];
}

/** Compares article by article, then the sum. Money is in cents of the invoice's currency. */
export function compare(invoice: Invoice, order: PurchaseOrder): Comparison {
  const differences: string[] = [];
  let quantityDiffers = false;
  let priceDiffers = false;
  const skus = new Set([...order.lines, ...invoice.lines].map(({ sku }) => sku));
  for (const sku of skus) {
    const billed = invoice.lines.filter((line) => line.sku === sku);
    const ordered = order.lines.filter((line) => line.sku === sku);
    const [billedQuantity, orderedQuantity] = [quantityOf(billed), quantityOf(ordered)];
    if (billedQuantity !== orderedQuantity) {
      quantityDiffers = true;
      differences.push(`${sku}: quantity ${billedQuantity} was billed, ${orderedQuantity} was ordered.`);
    }
    const agreed = new Set(ordered.map(({ unitPriceCents }) => unitPriceCents));
    for (const { unitPriceCents } of billed) {
      if (agreed.size === 0 || agreed.has(unitPriceCents)) continue;
      priceDiffers = true;
      differences.push(`${sku}: unit price ${money(unitPriceCents)} was billed, ${[...agreed].map(money).join(' or ')} was agreed.`);
    }
  }
  const sum = invoice.lines.reduce((total, { quantity, unitPriceCents }) => total + quantity * unitPriceCents, 0);
  if (sum !== invoice.totalCents) differences.push(`The invoice's total is ${money(invoice.totalCents)}, its lines sum to ${money(sum)}.`);
  if (differences.length === 0 && invoice.totalCents !== order.totalCents) differences.push(`The invoice's total is ${money(invoice.totalCents)}, the order's is ${money(order.totalCents)}.`);
  const freightLine = invoice.lines.some(({ sku, description }) => /\bfreight\b|\bcarriage\b|\bshipping\b/i.test(`${sku} ${description}`));
  return { quantityDiffers, priceDiffers, freightLine, differences };
}

/** Cents as units with two decimals. */
export function money(cents: number): string {
  return (cents / 100).toFixed(2);
}

function quantityOf(lines: readonly { readonly quantity: number }[]): number {
  return lines.reduce((total, { quantity }) => total + quantity, 0);
}
