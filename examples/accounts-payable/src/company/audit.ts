import type { Fault } from './faults.js';
import type { Case, CompanyRecords, Mail, Payment } from './records.js';

/** One request as the company saw it. `ended` is how the company ended it; a request being served has none yet. */
export interface SeenRequest {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey?: string;
  /** The number of this request among those of its route since the fault profile was set. */
  readonly requestNumber?: number;
  readonly fault?: Fault['kind'];
  readonly ended?: 'answered' | 'hung' | 'dropped';
  readonly status?: number;
}

/** An effect that the company made more than once for one business identity, whatever keys the requests had. */
export interface Duplicate {
  readonly kind: 'payment' | 'mail';
  readonly identity: string;
  /** How often it was made, so at least two. */
  readonly times: number;
}

/** The company's own account of what was done to it; nothing in it comes from the caller's bookkeeping. */
export interface CompanyAudit {
  readonly payments: readonly Payment[];
  readonly mails: readonly Mail[];
  readonly cases: readonly Case[];
  readonly duplicates: readonly Duplicate[];
  readonly counts: { readonly payments: number; readonly mails: number; readonly cases: number; readonly requests: number; readonly faults: number; readonly duplicates: number };
  /** The faults that fired, in the order of their requests. */
  readonly faults: readonly SeenRequest[];
  readonly requests: readonly SeenRequest[];
}

/** Reads the record. `counts.duplicates` is the number of effects too many: three payments of one invoice count two. */
export function audit(records: CompanyRecords): CompanyAudit {
  const [payments, mails, cases, requests] = [records.payments(), records.mails(), records.cases(), records.requests<SeenRequest>()];
  const duplicates = [
    ...repeated('payment', payments.map(({ supplierId, invoiceNumber }) => `${supplierId}/${invoiceNumber}`)),
    ...repeated('mail', mails.map(({ reference }) => reference)),
  ];
  const faults = requests.filter(({ fault }) => fault !== undefined);
  const counts = {
    payments: payments.length,
    mails: mails.length,
    cases: cases.length,
    requests: requests.length,
    faults: faults.length,
    duplicates: duplicates.reduce((total, { times }) => total + times - 1, 0),
  };
  return { payments, mails, cases, duplicates, counts, faults, requests };
}

function repeated(kind: Duplicate['kind'], identities: readonly string[]): readonly Duplicate[] {
  const times = new Map<string, number>();
  for (const identity of identities) times.set(identity, (times.get(identity) ?? 0) + 1);
  return [...times].filter(([, count]) => count > 1).map(([identity, count]) => ({ kind, identity, times: count }));
}
