import { HoldfastError } from '@holdfast/contracts';
import { z } from 'zod';

/** Where the commands ask, and as whom. */
export interface GatewaySettings {
  readonly url: string;
  readonly key: string;
}

const PATIENCE_MS = 15_000;

const problem = z.looseObject({
  detail: z.string(), code: z.string(), retryable: z.boolean(), remedy: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

/**
 * Reads HOLDFAST_GATEWAY_URL and HOLDFAST_API_KEY. Throws `cli.settings-missing`, which names what is missing.
 */
export function gatewaySettings(environment: Readonly<Record<string, string | undefined>>): GatewaySettings {
  const url = environment['HOLDFAST_GATEWAY_URL'] ?? '';
  const key = environment['HOLDFAST_API_KEY'] ?? '';
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw missing(`HOLDFAST_GATEWAY_URL is "${url}", which is no http address.`, 'Set it to the address of the gateway, such as http://127.0.0.1:8080.');
  if (key === '') throw missing('HOLDFAST_API_KEY is not set.', 'Set it to a key of the installation with the role that the command needs.');
  return { url, key };
}

function missing(message: string, remedy: string): HoldfastError {
  return new HoldfastError({ code: 'cli.settings-missing', message, retryable: false, remedy });
}

/** The gateway's HTTP interface. What it refuses is thrown with its own code and remedy. */
export class Gateway {
  constructor(private readonly settings: GatewaySettings, private readonly send: typeof globalThis.fetch = globalThis.fetch) {}

  get<T>(path: string, answer: z.ZodType<T>): Promise<T> {
    return this.ask(path, {}, answer);
  }

  post<T>(path: string, body: unknown, answer: z.ZodType<T>): Promise<T> {
    return this.ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }, answer);
  }

  private async ask<T>(path: string, init: RequestInit, answer: z.ZodType<T>): Promise<T> {
    let status: number;
    let body: unknown;
    try {
      const response = await this.send(new URL(path, this.settings.url), { ...init, headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.settings.key}` }, signal: AbortSignal.timeout(PATIENCE_MS) });
      status = response.status;
      body = await response.json();
    } catch (cause) {
      throw new HoldfastError({ code: 'cli.gateway-unreachable', message: `The gateway at ${this.settings.url} did not answer: ${cause instanceof Error ? cause.message : String(cause)}.`, retryable: true, remedy: 'Check HOLDFAST_GATEWAY_URL and that the gateway is up. Every command may be repeated.', cause });
    }
    if (status >= 400) throw refused(status, body);
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
