import { z } from 'zod';

/**
 * How far a value may be believed, from most to least:
 * `user` (the requester's own words), `endorsed` (a record or person that vouches for this very value), `organisation`
 * (the organisation's records), `third-party` (text that somebody outside wrote), `model` (made up by the model).
 */
export const trust = z.enum(['user', 'endorsed', 'organisation', 'third-party', 'model']);
export type Trust = z.infer<typeof trust>;

export const secrecy = z.enum(['public', 'internal', 'secret']);
export type Secrecy = z.infer<typeof secrecy>;

/** Where a value came from. A label is attached when the value enters the log and is never dropped afterwards. */
export const label = z.strictObject({
  trust,
  secrecy,
  /** What produced the value, for people: `task.goal`, `tool:get_purchase_order`, a document's address. */
  source: z.string().min(1).max(512),
});
export type Label = z.infer<typeof label>;

/** What everything that a run has read is worth together: the least trusted of it, and the most secret. */
export const reading = label.omit({ source: true });
export type Reading = z.infer<typeof reading>;

/** What may have been read where the log does not say: anything. */
export const UNKNOWN_READING: Reading = { trust: 'model', secrecy: 'secret' };

const order: readonly Trust[] = ['user', 'endorsed', 'organisation', 'third-party', 'model'];

/** The less trusted of two: the join of the lattice above. */
export function leastTrusted(a: Trust, b: Trust): Trust {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

const secrecies: readonly Secrecy[] = secrecy.options;

/** The more secret of two. */
export function mostSecret(a: Secrecy, b: Secrecy): Secrecy {
  return secrecies.indexOf(a) >= secrecies.indexOf(b) ? a : b;
}

/** The join of two labels, which is what a text is worth that may hold something of both. */
export function joined(a: Reading, b: Reading): Reading {
  return { trust: leastTrusted(a.trust, b.trust), secrecy: mostSecret(a.secrecy, b.secrecy) };
}

/**
 * What a text is worth that a model wrote after it had read this: as secret as the most secret of it, and an outsider's word if
 * any of it was. Where nothing came from outside it is still the model's, which vouches for nothing.
 */
export function writtenAfter(read: Reading): Reading {
  return { trust: isAtLeast(read.trust, 'organisation') ? 'model' : 'third-party', secrecy: read.secrecy };
}

/** True when `value` is at least as trusted as `minimum`. */
export function isAtLeast(value: Trust, minimum: Trust): boolean {
  return order.indexOf(value) <= order.indexOf(minimum);
}
