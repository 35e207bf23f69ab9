import type { Answer } from './handlers.js';
import { Problem } from './problem.js';
import { requestDigest, type CompanyRecords } from './records.js';
import { idempotencyKeySchema, parseRequest, paymentRequestSchema } from './schemas.js';

/**
 * Pays once for each key, as the IETF draft "The Idempotency-Key HTTP Header Field" describes: the same key with the
 * same body is answered from the record, with another body by 422, and while the first request is served by 409.
 * Deliberately it does not look at the business identity: two keys for one invoice make two payments, which only the
 * audit shows, as a real bank would do.
 */
export async function payOnce(records: CompanyRecords, settle: () => Promise<void>, givenKey: string | undefined, body: unknown): Promise<Answer> {
  const key = parseRequest(idempotencyKeySchema, givenKey, 'Idempotency-Key');
  const request = parseRequest(paymentRequestSchema, body, 'body');
  const bodyDigest = requestDigest(request);
  const use = records.keyUse(key);
  if (use !== undefined) {
    if (use.bodyDigest !== bodyDigest) throw new Problem({ status: 422, code: 'company.key_reused', message: 'The Idempotency-Key was used with another body', retryable: false, remedy: 'Use a new key for another payment.' });
    if (use.payment === undefined) throw new Problem({ status: 409, code: 'company.payment_in_progress', message: 'A request with this Idempotency-Key is being served', retryable: true, remedy: 'Send the same request again after a moment.', headers: { 'retry-after': '1' } });
    return { status: 200, body: use.payment, headers: { 'idempotent-replayed': 'true' } };
  }
  records.claimKey(key, bodyDigest);
  try {
    await settle();
    return { status: 201, body: records.pay(key, request), newEffect: true };
  } catch (error) {
    records.releaseKey(key);
    throw error;
  }
}
