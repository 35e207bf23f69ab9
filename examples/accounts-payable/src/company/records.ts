import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { CaseRequest, MailRequest, PaymentRequest, PurchaseOrder } from './schemas.js';

export interface Payment extends PaymentRequest {
  readonly paymentId: string;
  readonly paidAt: string;
}
export interface Mail extends MailRequest {
  readonly mailId: string;
  readonly sentAt: string;
}
export interface Case extends CaseRequest {
  readonly reference: string;
  readonly writes: number;
}
/** What is known of an Idempotency-Key; `payment` is absent while the first request is still being served. */
export interface KeyUse {
  readonly bodyDigest: string;
  readonly payment: Payment | undefined;
}

const tables = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS purchase_order (po_number TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS payment (number INTEGER PRIMARY KEY AUTOINCREMENT, supplier_id TEXT NOT NULL, invoice_number TEXT NOT NULL, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS idempotency_key (key TEXT PRIMARY KEY, body_digest TEXT NOT NULL, payment_number INTEGER REFERENCES payment (number)) STRICT;
  CREATE TABLE IF NOT EXISTS mail (number INTEGER PRIMARY KEY AUTOINCREMENT, reference TEXT NOT NULL, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS case_file (reference TEXT PRIMARY KEY, document TEXT NOT NULL, writes INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS request (number INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL) STRICT;
  DELETE FROM idempotency_key WHERE payment_number IS NULL;
`;

/** A digest of a request that does not depend on the order of its members. */
export function requestDigest(request: PaymentRequest): string {
  return createHash('sha256').update(JSON.stringify(Object.entries(request).sort(([left], [right]) => (left < right ? -1 : 1)))).digest('hex');
}

/**
 * The company's record, one SQLite file. Opening it forgets keys whose request was cut off by a crash: a payment and
 * its key's completion are one transaction, so such a request paid nothing.
 */
export class CompanyRecords {
  readonly #database: DatabaseSync;

  constructor(path: string, private readonly now: () => Date) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(tables);
  }

  close(): void {
    this.#database.close();
  }

  seedPurchaseOrders(orders: readonly PurchaseOrder[]): void {
    const insert = this.#database.prepare('INSERT OR REPLACE INTO purchase_order VALUES (?, ?)');
    for (const order of orders) insert.run(order.poNumber, JSON.stringify(order));
  }

  purchaseOrder(poNumber: string): PurchaseOrder | undefined {
    return this.#documents<PurchaseOrder>('SELECT document FROM purchase_order WHERE po_number = ?', poNumber)[0];
  }

  keyUse(key: string): KeyUse | undefined {
    const row = this.#database.prepare('SELECT k.body_digest, p.document FROM idempotency_key k LEFT JOIN payment p ON p.number = k.payment_number WHERE k.key = ?').get(key);
    if (row === undefined) return undefined;
    return { bodyDigest: String(row['body_digest']), payment: row['document'] === null ? undefined : (JSON.parse(String(row['document'])) as Payment) };
  }

  claimKey(key: string, bodyDigest: string): void {
    this.#database.prepare('INSERT INTO idempotency_key VALUES (?, ?, NULL)').run(key, bodyDigest);
  }

  releaseKey(key: string): void {
    this.#database.prepare('DELETE FROM idempotency_key WHERE key = ? AND payment_number IS NULL').run(key);
  }

  /** Pays: the payment and the completion of its key are written together. */
  pay(key: string, request: PaymentRequest): Payment {
    return this.#transaction(() => {
      const number = this.#nextNumber('payment');
      const payment: Payment = { paymentId: `PAY-${String(number).padStart(6, '0')}`, ...request, paidAt: this.now().toISOString() };
      this.#database.prepare('INSERT INTO payment VALUES (?, ?, ?, ?)').run(number, request.supplierId, request.invoiceNumber, JSON.stringify(payment));
      this.#database.prepare('UPDATE idempotency_key SET payment_number = ? WHERE key = ?').run(number, key);
      return payment;
    });
  }

  send(request: MailRequest): Mail {
    return this.#transaction(() => {
      const number = this.#nextNumber('mail');
      const mail: Mail = { mailId: `MAIL-${String(number).padStart(6, '0')}`, ...request, sentAt: this.now().toISOString() };
      this.#database.prepare('INSERT INTO mail VALUES (?, ?, ?)').run(number, request.reference, JSON.stringify(mail));
      return mail;
    });
  }

  mails(reference?: string): readonly Mail[] {
    return reference === undefined ? this.#documents('SELECT document FROM mail ORDER BY number') : this.#documents('SELECT document FROM mail WHERE reference = ? ORDER BY number', reference);
  }

  payments(): readonly Payment[] {
    return this.#documents('SELECT document FROM payment ORDER BY number');
  }

  writeCase(reference: string, request: CaseRequest): Case {
    this.#database
      .prepare('INSERT INTO case_file VALUES (?, ?, 1) ON CONFLICT (reference) DO UPDATE SET document = excluded.document, writes = writes + 1')
      .run(reference, JSON.stringify(request));
    return this.cases().find((each) => each.reference === reference) as Case;
  }

  cases(): readonly Case[] {
    return this.#database
      .prepare('SELECT reference, document, writes FROM case_file ORDER BY reference')
      .all()
      .map((row) => ({ reference: String(row['reference']), ...(JSON.parse(String(row['document'])) as CaseRequest), writes: Number(row['writes']) }));
  }

  /** Notes a request when it arrives and returns its number; {@link amendRequest} adds how it ended. */
  noteRequest(document: Readonly<Record<string, unknown>>): number {
    return Number(this.#database.prepare('INSERT INTO request (document) VALUES (?)').run(JSON.stringify(document)).lastInsertRowid);
  }

  amendRequest(number: number, addition: Readonly<Record<string, unknown>>): void {
    this.#database.prepare('UPDATE request SET document = json_patch(document, ?) WHERE number = ?').run(JSON.stringify(addition), number);
  }

  requests<Noted>(): readonly Noted[] {
    return this.#documents('SELECT document FROM request ORDER BY number');
  }

  #nextNumber(table: 'payment' | 'mail'): number {
    return Number(this.#database.prepare(`SELECT coalesce(max(number), 0) + 1 AS next FROM ${table}`).get()?.['next']);
  }

  #documents<Document>(statement: string, ...parameters: readonly string[]): Document[] {
    return this.#database.prepare(statement).all(...parameters).map((row) => JSON.parse(String(row['document'])) as Document);
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
