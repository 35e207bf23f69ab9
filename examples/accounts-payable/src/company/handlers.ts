import { audit } from './audit.js';
import { companyRoutes, faultProfileSchema, type CompanyRoute, type FaultInjector } from './faults.js';
import { payOnce } from './payments.js';
import { Problem } from './problem.js';
import type { CompanyRecords } from './records.js';
import { caseRequestSchema, identifierSchema, mailRequestSchema, parseRequest } from './schemas.js';

/** What the handlers work on. */
export interface CompanySystems {
  readonly records: CompanyRecords;
  readonly faults: FaultInjector;
  readonly settle: () => Promise<void>;
}

/** A request after routing: the path's parameter, the query, the parsed body and the Idempotency-Key. */
export interface Arrival {
  readonly parameter: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly idempotencyKey: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** True when this very request changed the company's world. */
  readonly newEffect?: boolean;
}

const supervisionRoutes = ['GET /health', 'GET /audit', 'GET /faults', 'PUT /faults'] as const;
type Route = CompanyRoute | (typeof supervisionRoutes)[number];
type Handler = (systems: CompanySystems, arrival: Arrival) => Answer | Promise<Answer>;

export const handlers: Readonly<Record<Route, Handler>> = {
  'GET /health': () => ({ status: 200, body: { status: 'ok' } }),
  'GET /audit': ({ records }) => ({ status: 200, body: audit(records) }),
  'GET /faults': ({ faults }) => ({ status: 200, body: { faults: faults.state } }),
  'PUT /faults': ({ faults }, { body }) => {
    faults.set(parseRequest(faultProfileSchema, body, 'body'));
    return { status: 200, body: { faults: faults.state } };
  },
  'GET /purchase-orders/:poNumber': ({ records }, { parameter }) => {
    const order = records.purchaseOrder(parameter);
    if (order === undefined) throw new Problem({ status: 404, code: 'company.no_such_purchase_order', message: `Purchase order ${parameter} does not exist`, retryable: false, remedy: 'Check the number with the purchasing team.' });
    return { status: 200, body: order };
  },
  'POST /payments': ({ records, settle }, { body, idempotencyKey }) => payOnce(records, settle, idempotencyKey, body),
  'POST /mail': ({ records }, { body }) => ({ status: 201, body: records.send(parseRequest(mailRequestSchema, body, 'body')), newEffect: true }),
  'GET /mail': ({ records }, { query }) => {
    const reference = parseRequest(identifierSchema, query.get('reference') ?? undefined, 'reference');
    const messages = records.mails(reference);
    return { status: 200, body: { reference, sent: messages.length > 0, messages } };
  },
  'PUT /cases/:reference': ({ records }, { parameter, body }) => {
    const reference = parseRequest(identifierSchema, parameter, 'reference');
    const written = records.writeCase(reference, parseRequest(caseRequestSchema, body, 'body'));
    return { status: written.writes === 1 ? 201 : 200, body: written, newEffect: true };
  },
};

/** Finds the route of a request; `injectable` routes are those that are recorded and that faults can meet. */
export function matchRoute(method: string, path: string): { readonly route: Route; readonly parameter: string; readonly injectable: boolean } | undefined {
  for (const route of [...companyRoutes, ...supervisionRoutes]) {
    const [routeMethod, template = ''] = route.split(' ');
    if (routeMethod !== method) continue;
    const [fixed = '', parameterName] = template.split(':');
    const rest = path.slice(fixed.length);
    const fits = parameterName === undefined ? path === fixed : path.startsWith(fixed) && rest !== '' && !rest.includes('/');
    if (fits) return { route, parameter: decode(rest), injectable: companyRoutes.some((each) => each === route) };
  }
  return undefined;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
