import { z } from 'zod';

export const companyRoutes = ['GET /purchase-orders/:poNumber', 'POST /payments', 'POST /mail', 'GET /mail', 'PUT /cases/:reference'] as const;
export type CompanyRoute = (typeof companyRoutes)[number];

/**
 * One fault: it meets `times` requests of its route, beginning with the `onRequest`-th since the profile was set. One
 * request meets at most one fault of each kind of moment; a fault that was crowded out meets the next request.
 * - `unavailable`: answers 503 with Retry-After and does nothing.
 * - `hang`: never answers and does nothing; it ends when the caller gives up.
 * - `drop-after-effect`: does and records the effect, then cuts the connection instead of answering. It waits for a
 *   request that makes a new effect, since a replayed answer would prove nothing.
 */
export const faultSchema = z.strictObject({
  route: z.enum(companyRoutes),
  kind: z.enum(['unavailable', 'hang', 'drop-after-effect']),
  onRequest: z.int().min(1).default(1),
  times: z.int().min(1).max(1_000).default(1),
  retryAfterSeconds: z.int().min(0).max(60).default(1),
});
export type Fault = z.infer<typeof faultSchema>;

/** Either the faults themselves, or a seed from which {@link demonstrationFaults} states them. */
export const faultProfileSchema = z.union([z.strictObject({ faults: z.array(faultSchema).max(100) }), z.strictObject({ seed: z.int().min(0) })]);
export type FaultProfile = z.infer<typeof faultProfileSchema>;

/** Mulberry32, a small generator of well-known quality: the same seed states the same faults on every machine. */
function seededFractions(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * The faults of the demonstration: three 503s, one hang and one connection dropped after a payment among the first
 * fourteen payments, and two 503s among the first twenty purchase orders. The seed moves them, never their number.
 */
export function demonstrationFaults(seed: number): readonly Fault[] {
  const fraction = seededFractions(seed);
  const pick = (count: number, upTo: number): readonly number[] => {
    const numbers = Array.from({ length: upTo }, (_, index) => index + 1);
    return Array.from({ length: count }, () => numbers.splice(Math.floor(fraction() * numbers.length), 1)).flat();
  };
  const kinds = ['hang', 'drop-after-effect', 'unavailable', 'unavailable', 'unavailable'] as const;
  const payments = pick(kinds.length, 14).map((onRequest, index) => ({ route: 'POST /payments', kind: kinds[index] ?? 'unavailable', onRequest }));
  const orders = pick(2, 20).map((onRequest) => ({ route: 'GET /purchase-orders/:poNumber', kind: 'unavailable', onRequest }));
  return [...payments, ...orders].map((fault) => faultSchema.parse(fault));
}

/** Says which fault, if any, meets a request. Counting is kept in the process: a restart begins the profile again. */
export class FaultInjector {
  #faults: { readonly fault: Fault; fired: number }[] = [];
  readonly #seen = new Map<CompanyRoute, number>();

  constructor(profile: FaultProfile) {
    this.set(profile);
  }

  /** Replaces the profile and counts requests from one again. */
  set(profile: FaultProfile): void {
    const faults = 'seed' in profile ? demonstrationFaults(profile.seed) : profile.faults;
    this.#faults = faults.map((fault) => ({ fault, fired: 0 }));
    this.#seen.clear();
  }

  /** The profile with how often each fault has fired. */
  get state(): readonly (Fault & { readonly fired: number })[] {
    return this.#faults.map(({ fault, fired }) => ({ ...fault, fired }));
  }

  /** Counts one request of the route and returns the fault that meets it before anything is done. */
  arrive(route: CompanyRoute): { readonly requestNumber: number; readonly fault: Fault | undefined } {
    const requestNumber = (this.#seen.get(route) ?? 0) + 1;
    this.#seen.set(route, requestNumber);
    return { requestNumber, fault: this.#take((fault) => fault.kind !== 'drop-after-effect' && fault.route === route && fault.onRequest <= requestNumber) };
  }

  /** To be asked after a new effect was recorded: the fault that cuts this request's connection. */
  afterEffect(route: CompanyRoute, requestNumber: number): Fault | undefined {
    return this.#take((fault) => fault.kind === 'drop-after-effect' && fault.route === route && fault.onRequest <= requestNumber);
  }

  #take(meets: (fault: Fault) => boolean): Fault | undefined {
    const due = this.#faults.find(({ fault, fired }) => fired < fault.times && meets(fault));
    if (due !== undefined) due.fired += 1;
    return due?.fault;
  }
}
