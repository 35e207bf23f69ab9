import { HoldfastError } from '@holdfast/contracts';
import { EventSourceParserStream, type EventSourceMessage } from 'eventsource-parser/stream';
import { z } from 'zod';

/** Where the commands ask, and as whom. */
export interface GatewaySettings {
  readonly url: string;
  readonly key: string;
}

const PATIENCE_MS = 15_000;
/** A stream that fails more often on end is given up: half a minute. */
const MOST_FAILURES = 30;

const problem = z.looseObject({
  detail: z.string(), code: z.string(), retryable: z.boolean(), remedy: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

/**
 * Reads HOLDFAST_GATEWAY_URL and HOLDFAST_API_KEY; where neither is set, `local` may know an installation of this folder. Throws
 * `cli.settings-missing`, which names what is missing.
 */
export function gatewaySettings(environment: Readonly<Record<string, string | undefined>>, local: () => GatewaySettings | undefined = () => undefined): GatewaySettings {
  const found = environment['HOLDFAST_GATEWAY_URL'] === undefined && environment['HOLDFAST_API_KEY'] === undefined ? local() : undefined;
  if (found !== undefined) return found;
  const url = environment['HOLDFAST_GATEWAY_URL'] ?? '';
  const key = environment['HOLDFAST_API_KEY'] ?? '';
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw missing(`HOLDFAST_GATEWAY_URL is "${url}", which is no http address.`, 'Set it to the address of the gateway, such as http://127.0.0.1:8080, or go into a folder where "holdfast up" was started.');
  if (key === '') throw missing('HOLDFAST_API_KEY is not set.', 'Set it to a key of the installation with the role that the command needs.');
  return { url, key };
}

function missing(message: string, remedy: string): HoldfastError {
  return new HoldfastError({ code: 'cli.settings-missing', message, retryable: false, remedy });
}

/** The gateway's HTTP interface. What it refuses is thrown with its own code and remedy. */
export class Gateway {
  /** `pauseMs`: before a stream that broke off is opened again. */
  constructor(private readonly settings: GatewaySettings, private readonly send: typeof globalThis.fetch = globalThis.fetch, private readonly pauseMs = 1_000) {}

  get<T>(path: string, answer: z.ZodType<T>): Promise<T> {
    return this.ask(path, {}, answer);
  }

  post<T>(path: string, body: unknown, answer: z.ZodType<T>, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    return this.ask(path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }, answer);
  }

  /** What there is at a path as a text of this media type. */
  text(path: string, accept: string): Promise<string> {
    return this.fetched(path, { headers: { accept } }, (response) => response.text());
  }

  /**
   * The events of a stream as they come, until the gateway says that there are no more (204). A stream that breaks off is
   * opened again where it was (WHATWG HTML, server-sent events). Throws what {@link get} throws, and
   * `cli.gateway-unreachable` when the stream cannot be opened so many times on end. Ends when the signal is aborted.
   */
  async* events(path: string, signal: AbortSignal): AsyncGenerator<EventSourceMessage> {
    let last: string | undefined;
    let reason: unknown;
    for (let failures = 0; failures <= MOST_FAILURES; failures += 1) {
      try {
        const response = await this.open(path, last, signal);
        if (response === undefined) return;
        for await (const event of response.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())) {
          last = event.id ?? last;
          failures = 0;
          yield event;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof HoldfastError && !error.retryable) throw error;
        reason = error;
      }
      await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
    }
    if (reason instanceof HoldfastError) throw reason;
    throw new HoldfastError({ code: 'cli.gateway-unreachable', message: `The stream ${path} of the gateway at ${this.settings.url} breaks off again and again.`, retryable: true, remedy: 'Check the network between here and the gateway, and proxies on the way. The command may be repeated.', cause: reason });
  }

  /** The body of a stream; undefined when it has ended. Only its beginning has a time-out. */
  private async open(path: string, last: string | undefined, signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | undefined> {
    const opening = new AbortController();
    const patience = setTimeout(() => opening.abort(), PATIENCE_MS);
    const headers = { authorization: `Bearer ${this.settings.key}`, ...(last === undefined ? {} : { 'last-event-id': last }) };
    const response = await this.send(new URL(path, this.settings.url), { headers, signal: AbortSignal.any([signal, opening.signal]) })
      .catch((cause: unknown) => { throw this.unreachable(cause); }).finally(() => clearTimeout(patience));
    if (response.status >= 400) throw refused(response.status, await response.json().catch(() => undefined));
    return response.status === 204 ? undefined : response.body ?? undefined;
  }

  /** Throws what the gateway refused with, or `cli.gateway-unreachable`. */
  private async fetched<T>(path: string, { headers, ...init }: RequestInit, read: (response: Response) => Promise<T>): Promise<T> {
    try {
      const response = await this.send(new URL(path, this.settings.url), { ...init, headers: { ...(headers as Record<string, string>), authorization: `Bearer ${this.settings.key}` }, signal: AbortSignal.timeout(PATIENCE_MS) });
      if (response.status >= 400) throw refused(response.status, await response.json());
      return await read(response);
    } catch (cause) {
      throw cause instanceof HoldfastError ? cause : this.unreachable(cause);
    }
  }

  private unreachable(cause: unknown): HoldfastError {
    return new HoldfastError({ code: 'cli.gateway-unreachable', message: `The gateway at ${this.settings.url} did not answer: ${cause instanceof Error ? cause.message : String(cause)}.`, retryable: true, remedy: 'Check HOLDFAST_GATEWAY_URL and that the gateway is up, and repeat the command.', cause });
  }

  private async ask<T>(path: string, init: RequestInit, answer: z.ZodType<T>): Promise<T> {
    const body = await this.fetched(path, init, (response) => response.json() as Promise<unknown>);
    const parsed = answer.safeParse(body);
    if (!parsed.success) throw new HoldfastError({ code: 'cli.answer-unreadable', message: `The gateway's answer to ${path} cannot be read: ${z.prettifyError(parsed.error)}`, retryable: false, remedy: 'Use the same release of the command line and the gateway.' });
    return parsed.data;
  }
}

function refused(status: number, body: unknown): HoldfastError {
  const parsed = problem.safeParse(body);
  if (!parsed.success) return new HoldfastError({ code: 'cli.gateway-refused', message: `The gateway answered with ${status}.`, retryable: status >= 500, remedy: 'Look at the log of the gateway.' });
  const { detail, code, retryable, remedy } = parsed.data;
  return new HoldfastError({ code, message: detail, retryable, remedy });
}
