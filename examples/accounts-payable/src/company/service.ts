import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FaultInjector, type CompanyRoute, type FaultProfile } from './faults.js';
import { handlers, matchRoute, type Answer, type CompanySystems } from './handlers.js';
import { Problem } from './problem.js';
import { CompanyRecords } from './records.js';
import type { PurchaseOrder } from './schemas.js';

export interface CompanyOptions {
  /** The SQLite file; it is created when it is missing. */
  readonly database: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly purchaseOrders: readonly PurchaseOrder[];
  readonly faults: FaultProfile;
  /** Awaited between claiming a payment's key and paying: the bank's own latency. */
  readonly settle?: () => Promise<void>;
  readonly now?: () => Date;
}

const bodyLimitBytes = 64 * 1024;

/** The company's systems as one HTTP server on 127.0.0.1. */
export class CompanyService {
  readonly #systems: CompanySystems;
  readonly #server: Server;
  readonly #now: () => Date;
  readonly #serving = new Set<Promise<void>>();

  private constructor(options: CompanyOptions) {
    this.#now = options.now ?? (() => new Date());
    const records = new CompanyRecords(options.database, this.#now);
    records.seedPurchaseOrders(options.purchaseOrders);
    this.#systems = { records, faults: new FaultInjector(options.faults), settle: options.settle ?? (() => Promise.resolve()) };
    this.#server = createServer((request, response) => {
      const serving = this.#serve(request, response).finally(() => this.#serving.delete(serving));
      this.#serving.add(serving);
    });
  }

  /** Opens the record and listens; rejects when the port is taken. */
  static async start(options: CompanyOptions): Promise<CompanyService> {
    const service = new CompanyService(options);
    try {
      await new Promise<void>((resolve, reject) => service.#server.once('error', reject).listen(options.port, '127.0.0.1', resolve));
    } catch (error) {
      service.#systems.records.close();
      throw error;
    }
    return service;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts open connections (a hung one would never end by itself), lets begun work end and closes the record. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    await Promise.all(this.#serving);
    this.#systems.records.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { records, faults } = this.#systems;
    const url = new URL(request.url ?? '/', 'http://company.invalid');
    const method = request.method ?? 'GET';
    const match = matchRoute(method, url.pathname);
    // Questions about the record are no part of what it records.
    const recorded = match === undefined || match.injectable;
    const idempotencyKey = request.headers['idempotency-key'];
    const noted = recorded ? records.noteRequest({ at: this.#now().toISOString(), method, path: url.pathname + url.search, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) }) : undefined;
    const amend = (addition: Readonly<Record<string, unknown>>): void => {
      if (noted !== undefined) records.amendRequest(noted, addition);
    };
    const answer = (result: Answer): void => {
      amend({ ended: 'answered', status: result.status });
      send(response, result);
    };
    try {
      if (match === undefined) throw new Problem({ status: 404, code: 'company.no_such_route', message: `There is no ${method} ${url.pathname}`, retryable: false, remedy: 'See the README for the routes of the company.' });
      const body = await readBody(request);
      let requestNumber = 0;
      if (match.injectable) {
        const arrival = faults.arrive(match.route as CompanyRoute);
        requestNumber = arrival.requestNumber;
        amend({ requestNumber, ...(arrival.fault === undefined ? {} : { fault: arrival.fault.kind }) });
        if (arrival.fault?.kind === 'hang') return amend({ ended: 'hung' });
        if (arrival.fault !== undefined) throw unavailable(arrival.fault.retryAfterSeconds);
      }
      const result = await handlers[match.route](this.#systems, { parameter: match.parameter, query: url.searchParams, body, idempotencyKey: idempotencyKey?.toString() });
      const drop = result.newEffect === true && match.injectable ? faults.afterEffect(match.route as CompanyRoute, requestNumber) : undefined;
      if (drop === undefined) return answer(result);
      amend({ fault: drop.kind, ended: 'dropped' });
      request.socket.destroy();
    } catch (error) {
      // A caller that broke off while it was still sending has nobody left to answer.
      if (request.destroyed && !request.complete) return amend({ ended: 'dropped' });
      const problem = error instanceof Problem ? error : new Problem({ status: 500, code: 'company.internal', message: error instanceof Error ? error.message : String(error), retryable: true, remedy: 'Report this to the company.' });
      answer({ status: problem.status, body: problem.toBody(), headers: { 'content-type': 'application/problem+json', ...problem.headers } });
    }
  }
}

function unavailable(retryAfterSeconds: number): Problem {
  return new Problem({ status: 503, code: 'company.unavailable', message: 'The service is busy', retryable: true, remedy: `Send the same request again after ${retryAfterSeconds} s.`, headers: { 'retry-after': String(retryAfterSeconds) } });
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimitBytes) throw new Problem({ status: 413, code: 'company.body_too_large', message: `The body exceeds ${bodyLimitBytes} bytes`, retryable: false, remedy: 'Send a smaller body.', headers: { connection: 'close' } });
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (cause) {
    throw new Problem({ status: 400, code: 'company.invalid_json', message: `The body is not JSON: ${String(cause)}`, retryable: false, remedy: 'Send a JSON body.' });
  }
}
