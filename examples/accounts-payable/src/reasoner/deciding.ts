import { findIbans } from '../bank-account.js';
import { compare, money, type Comparison } from './comparison.js';
import type { Conversation, KnownTool, Step } from './conversation.js';
import { findPurchaseOrder, type Invoice, type PurchaseOrder } from './documents.js';
import { readGuidelines, type Directive } from './guidelines.js';

export type Decision = 'paid' | 'disputed' | 'escalated';

/** What the reasoner does next: propose one call (with its reason, where the call closes the task), or answer. */
export type NextMove =
  | { readonly kind: 'call'; readonly tool: KnownTool; readonly input: Readonly<Record<string, unknown>>; readonly reason?: string }
  | { readonly kind: 'answer'; readonly decision: Decision; readonly reason: string };

/** Decides the next move from the messages alone: the same messages always lead to the same move. */
export function decideNext(conversation: Conversation): NextMove {
  const { invoice, steps } = conversation;
  if (invoice === undefined) return { kind: 'answer', decision: 'escalated', reason: 'The task carries no invoice that can be read.' };
  const closing = steps.findLast(({ tool }) => tool === 'pay_invoice' || tool === 'send_dispute' || tool === 'escalate_invoice');
  if (closing !== undefined) return afterClosing(conversation, invoice, closing);

  const lookedUp = lastOf(steps, 'get_purchase_order');
  if (lookedUp === undefined) {
    const lookUp: NextMove = { kind: 'call', tool: 'get_purchase_order', input: { poNumber: invoice.poNumber } };
    return offered(conversation, lookUp) ? lookUp : escalate(conversation, invoice, 'The purchase order cannot be looked up.');
  }
  if (lookedUp.outcome.kind !== 'succeeded') return escalate(conversation, invoice, `Looking up purchase order ${invoice.poNumber} ${told(lookedUp)}`);
  const order = findPurchaseOrder(lookedUp.outcome.value);
  if (order === undefined) return escalate(conversation, invoice, `Purchase order ${invoice.poNumber} could not be read from the answer.`);
  const comparison = compare(invoice, order);

  const searched = lastOf(steps, 'search_guidelines');
  if (searched === undefined) {
    const search: NextMove = { kind: 'call', tool: 'search_guidelines', input: { query: queryFor(invoice, comparison) } };
    return offered(conversation, search) ? search : escalate(conversation, invoice, 'The guidelines cannot be searched.');
  }
  if (searched.outcome.kind !== 'succeeded') return escalate(conversation, invoice, `Searching the guidelines ${told(searched)}`);
  return close(conversation, invoice, order, comparison, searched.outcome.value);
}

function close(conversation: Conversation, invoice: Invoice, order: PurchaseOrder, comparison: Comparison, guidelines: unknown): NextMove {
  const supplierNames = [...new Set([invoice.supplierName, order.supplierName])];
  if (supplierNames.length > 1) return escalate(conversation, invoice, `The invoice is from ${invoice.supplierName}, the order is with ${order.supplierName}.`);
  if (order.status !== 'open') return escalate(conversation, invoice, `Purchase order ${order.poNumber} is ${order.status}.`);
  const [directive] = readGuidelines(guidelines, { ...comparison, supplierNames, currency: invoice.currency });
  if (directive?.action === 'escalate') return escalate(conversation, invoice, `A guideline says: ${directive.sentence}`);
  if (invoice.currency !== order.currency) return escalate(conversation, invoice, `The invoice is in ${invoice.currency}, the order in ${order.currency}.`);
  if (directive !== undefined || comparison.differences.length > 0) return dispute(conversation, invoice, order, comparison, directive);

  const { invoiceNumber, currency, totalCents: amountCents } = invoice;
  const payment: NextMove = { kind: 'call', tool: 'pay_invoice', input: { invoiceNumber, supplierId: order.supplierId, poNumber: order.poNumber, iban: accountToPay(invoice, order), amountCents, currency } };
  return offered(conversation, payment) ? payment : escalate(conversation, invoice, 'The invoice agrees with its order, but no tool to pay it is offered.');
}

/**
 * The account that the reasoner believes in. It is gullible on purpose, as language models are: when the invoice's text
 * asks for another account, it believes the text. Keeping such a payment from happening is the work of the policy.
 */
function accountToPay(invoice: Invoice, order: PurchaseOrder): string {
  const asks = /\b(?:pay|remit|transfer|send|use|update|changed?|new)\b/i;
  const paragraphs = invoice.text.split(/\n\s*\n|(?<=[.!?])\s+/);
  const asked = paragraphs.filter((each) => asks.test(each)).flatMap(findIbans).find((iban) => iban !== order.iban);
  return asked ?? order.iban;
}

function dispute(conversation: Conversation, invoice: Invoice, order: PurchaseOrder, { differences, freightLine }: Comparison, directive: Directive | undefined): NextMove {
  const reason = [...differences, ...(directive === undefined ? [] : [`A guideline says: ${directive.sentence}`])].join(' ');
  // The company's own rules are no business of the supplier's, so the mail states facts about the invoice only.
  const complaints = differences.length > 0 ? differences : [freightLine ? 'A freight line was billed that our agreement does not provide for.' : 'It does not follow our agreement.'];
  const body = [`Dear ${order.supplierName},`, '', `we cannot pay invoice ${invoice.invoiceNumber} for purchase order ${order.poNumber} as it stands:`, ...complaints.map((complaint) => `- ${complaint}`), '', 'Please send a corrected invoice.', '', 'Accounts Payable'].join('\n');
  const move: NextMove = { kind: 'call', tool: 'send_dispute', input: { reference: invoice.invoiceNumber, to: order.supplierEmail, subject: `Invoice ${invoice.invoiceNumber} for ${order.poNumber}`, body }, reason };
  return offered(conversation, move) ? move : escalate(conversation, invoice, `It should be disputed, but no tool for that is offered. ${reason}`);
}

function escalate(conversation: Conversation, invoice: Invoice, why: string): NextMove {
  const reason = clip(why, 480);
  const summary = clip(`Invoice ${invoice.invoiceNumber} of ${invoice.supplierName}, ${money(invoice.totalCents)} ${invoice.currency}, purchase order ${invoice.poNumber}. ${why}`, 1_500);
  const move: NextMove = { kind: 'call', tool: 'escalate_invoice', input: { reference: invoice.invoiceNumber, reason, summary }, reason };
  return offered(conversation, move) ? move : { kind: 'answer', decision: 'escalated', reason: clip(`A person must take over, but no tool to open a case is offered. ${why}`, 480) };
}

function afterClosing(conversation: Conversation, invoice: Invoice, step: Step): NextMove {
  if (step.outcome.kind !== 'succeeded') {
    const attempted = { pay_invoice: 'The payment', send_dispute: 'The dispute', escalate_invoice: 'The escalation' }[step.tool] ?? step.tool;
    const why = `${attempted} ${told(step)}`;
    // Asking again for what was refused would only try the policy; and when escalating fails there is nothing left to try.
    return step.tool === 'escalate_invoice' ? { kind: 'answer', decision: 'escalated', reason: clip(`A person must take over, but no case was opened. ${why}`, 480) } : escalate(conversation, invoice, why);
  }
  const decision = { pay_invoice: 'paid', send_dispute: 'disputed', escalate_invoice: 'escalated' }[step.tool] as Decision;
  return { kind: 'answer', decision, reason: clip(reasonFor(conversation, invoice, decision), 480) };
}

/** Why the closing call was made, worked out again from the messages, since the reasoner remembers nothing itself. */
function reasonFor(conversation: Conversation, invoice: Invoice, decision: Decision): string {
  if (decision === 'paid') return `Every line and the total of ${money(invoice.totalCents)} ${invoice.currency} agree with ${invoice.poNumber}.`;
  const closing = conversation.steps.findLastIndex(({ tool }) => tool === 'escalate_invoice' || tool === 'send_dispute');
  const proposal = decideNext({ ...conversation, steps: conversation.steps.slice(0, closing) });
  return proposal.reason ?? 'The reason is in the messages.';
}

function queryFor(invoice: Invoice, { quantityDiffers, priceDiffers, freightLine }: Comparison): string {
  const topics = [
    ...(invoice.currency === 'EUR' ? [] : [`invoice in a currency other than EUR (${invoice.currency})`]),
    ...(quantityDiffers ? ['quantity differs from the purchase order'] : []),
    ...(priceDiffers ? ['unit price differs from the purchase order'] : []),
    ...(freightLine ? ['contract terms, freight billed as a separate line'] : []),
  ];
  return `${invoice.supplierName}: ${topics.length > 0 ? topics.join(', ') : 'is this supplier blocked for payment?'}`;
}

function told({ outcome }: Step): string {
  if (outcome.kind === 'succeeded') return 'succeeded.';
  return `${outcome.kind === 'refused' ? 'was refused' : 'failed'}: ${outcome.reason}`;
}

function offered({ tools }: Conversation, move: NextMove): boolean {
  return move.kind === 'call' && tools.has(move.tool);
}

function lastOf(steps: readonly Step[], tool: KnownTool): Step | undefined {
  return steps.findLast((step) => step.tool === tool);
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}
