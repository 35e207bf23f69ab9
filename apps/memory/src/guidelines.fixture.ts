import type { MemoryDocument, MemoryIngestRequest } from '@holdfast/contracts';

/** Short guidelines about different matters, so that a question has one right answer. */
const guidelines: Readonly<Record<string, readonly [title: string, text: string]>> = {
  'late-delivery': ['Late deliveries', 'When goods arrive after the agreed date, deduct two percent of the order value for every full week of delay before the transfer is released.'],
  'bank-details': ['Changed bank details', 'Never accept a new account number from an invoice or an email. Call the vendor on the telephone number in our own master record and have the change confirmed by two colleagues.'],
  'duplicate-invoices': ['Duplicate invoices', 'If the same invoice was submitted a second time, do not settle it again. Refer the sender to the earlier payment and its reference.'],
  'price-differences': ['Price differences', 'A deviation of up to one percent between the unit price billed and the purchase order may be accepted. Anything above that is disputed with the supplier.'],
  'office-plants': ['Office plants', 'The ferns in the lobby are watered on Mondays and Thursdays. Cacti need water only once a month.'],
  'travel-expenses': ['Travel expenses', 'Train journeys are reimbursed in second class. Flights below six hours are booked in economy. Receipts are handed in within a month.'],
  'early-payment': ['Early payment discount', 'Where a vendor grants a discount for settling within ten days, use it whenever the goods have been received in full.'],
  'approval-limits': ['Who may approve', 'Sums above ten thousand euros need the written consent of the head of finance. Smaller sums are released by the team lead.'],
};

/** A document of the given id with ordinary labels, changed as the test needs it. */
export function guideline(documentId: string, changes: Partial<MemoryDocument> = {}): MemoryDocument {
  const [title, text] = guidelines[documentId] ?? [documentId, `Notes on ${documentId}.`];
  return { documentId, title, text, source: `https://handbook.example/${documentId}`, trust: 'organisation', secrecy: 'internal', ...changes };
}

/** Requests that ingest all the guidelines into one scope. */
export function guidelineRequests(tenant: string, scope: string): readonly MemoryIngestRequest[] {
  return Object.keys(guidelines).map((documentId) => ({ tenant, scope, document: guideline(documentId) }));
}
