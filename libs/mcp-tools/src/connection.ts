import { isNativeError } from 'node:util/types';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport, StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolResultSchema, ListToolsResultSchema, ToolListChangedNotificationSchema, type CallToolResult, type Tool as McpTool } from '@modelcontextprotocol/sdk/types.js';
import { HoldfastError } from '@holdfast/contracts';
import { ToolError, type ToolLog } from '@holdfast/tool-sdk';
import { BoundedLog } from './bounded-log.js';
import type { McpServerOverlay } from './overlay.js';
import { ServerProcess } from './server-process.js';

const CONNECT_MS = 15_000;
/** For all pages together. */
const LIST_MS = 10_000;
/** A connection that is not there so long before the end of an attempt is given up. */
const TOLD_BEFORE_MS = 100;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** Each notice of a change makes somebody list the tools again. */
const BETWEEN_CHANGES_MS = 1_000;
const MOST_PAGES = 100;
const LONGEST_REASON = 2_000;

export interface ConnectionSettings {
  readonly name: string;
  readonly server: McpServerOverlay;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly log: ToolLog;
}

/**
 * One MCP server, connected when it is needed and again after it was lost, with full jitter between attempts that fail. We
 * declare no capabilities, so requests of the server for sampling, elicitation or roots are refused by the SDK.
 */
export class McpConnection {
  private connecting: Promise<Client> | undefined;
  /** The present client, connected or about to be. */
  private client: Client | undefined;
  private failures = 0;
  private notBefore = 0;
  private isClosed = false;
  private quiet: NodeJS.Timeout | undefined;
  private isChangedAgain = false;
  private readonly listeners = new Set<() => void>();

  /** For everything that the server causes to be written. */
  private readonly serverLog: BoundedLog;

  constructor(private readonly settings: ConnectionSettings) {
    this.serverLog = new BoundedLog(settings.log, { server: settings.name });
  }

  /** Everything that the server lists, over all pages. Throws what {@link connected} throws, and what the SDK does. */
  async list(): Promise<readonly McpTool[]> {
    const tools: McpTool[] = [];
    let cursor: string | undefined;
    const until = Date.now() + LIST_MS;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const params = cursor === undefined ? {} : { cursor };
      const timeout = Math.max(1, until - Date.now());
      const answer = await this.using(timeout, (client) => client.request({ method: 'tools/list', params }, ListToolsResultSchema, { timeout }));
      tools.push(...answer.tools);
      cursor = answer.nextCursor;
      if (cursor === undefined) return tools;
    }
    throw new HoldfastError({ code: 'mcp.list-endless', message: `The MCP server "${this.settings.name}" lists its tools over more than ${MOST_PAGES} pages.`, retryable: false, remedy: 'Correct the server.' });
  }

  /** Calls a tool. The SDK's own check of the result is passed by: a violation must not look like a refusal. */
  call(tool: string, args: Readonly<Record<string, unknown>>, meta: Readonly<Record<string, string>>, { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<CallToolResult> {
    return this.using(timeoutMs, (client) => client.request({ method: 'tools/call', params: { name: tool, arguments: { ...args }, _meta: { ...meta } } }, CallToolResultSchema, { signal, timeout: timeoutMs, maxTotalTimeout: timeoutMs }));
  }

  /** Asks the server, connected; a session that it has lost is begun anew with the next question. */
  private async using<T>(timeoutMs: number, ask: (client: Client) => Promise<T>): Promise<T> {
    // Nothing is sent before there is a connection, and that has to be said before the attempt's own time is over.
    const client = await this.within(timeoutMs - TOLD_BEFORE_MS, this.connected());
    try {
      return await ask(client);
    } catch (error) {
      const lost = lossIn(error);
      if (lost === undefined) throw error;
      this.connecting = undefined;
      await client.close().catch(() => undefined);
      throw lost === 'not-taken' ? this.unreachable('its session was lost', error) : error;
    }
  }

  private async within<T>(ms: number, connecting: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => reject(this.unreachable('it did not connect in time')), Math.max(1, ms)); });
    return Promise.race([connecting, late]).finally(() => clearTimeout(timer));
  }

  /**
   * Calls back when the server says that its tools changed, and after each new connection, when it may have: at once, and then
   * at most once a second, whatever the server says. Returns how to stop.
   */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Also gives up a server that has not finished its greeting. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.quiet);
    await this.client?.close().catch(() => undefined);
    this.serverLog.flush();
  }

  /** The connected client. Throws `mcp.unreachable` (certainly not done) while there is none. */
  private connected(): Promise<Client> {
    this.connecting ??= this.connect().catch((error: unknown) => {
      this.connecting = undefined;
      throw error;
    });
    return this.connecting;
  }

  private async connect(): Promise<Client> {
    const { name, log } = this.settings;
    if (this.isClosed) throw this.unreachable('the worker stops');
    const wait = this.notBefore - Date.now();
    if (wait > 0) throw this.unreachable('it could not be reached a moment ago', undefined, wait);
    const client = new Client({ name: 'holdfast', version: '0.1.0' }, { capabilities: {} });
    this.client = client;
    try {
      await client.connect(this.transport(), { timeout: CONNECT_MS });
    } catch (cause) {
      await client.close().catch(() => undefined);
      this.failures += 1;
      this.notBefore = Date.now() + Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures);
      throw this.unreachable(reasonOf(cause), cause);
    }
    this.failures = 0;
    client.onclose = () => {
      this.connecting = undefined;
      if (!this.isClosed) log.warn({ server: name }, 'the connection to an MCP server was lost');
    };
    client.onerror = (error) => this.serverLog.warn({ server: name, reason: error.message.slice(0, LONGEST_REASON) }, 'an MCP server sent what cannot be understood');
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => this.changed());
    queueMicrotask(() => this.changed());
    return client;
  }

  private changed(): void {
    if (this.quiet !== undefined) {
      this.isChangedAgain = true;
      return;
    }
    this.isChangedAgain = false;
    this.quiet = setTimeout(() => {
      this.quiet = undefined;
      if (this.isChangedAgain) this.changed();
    }, BETWEEN_CHANGES_MS).unref();
    for (const listener of this.listeners) listener();
  }

  private transport(): Transport {
    const { name, server: { stdio, http }, variables } = this.settings;
    const valueOf = (variable: string): string => variables[variable] ?? refuse(name, variable);
    if (http !== undefined) {
      const headers = Object.fromEntries(Object.entries(http.headers).map(([header, variable]) => [header, valueOf(variable)]));
      return new StreamableHTTPClientTransport(new URL(http.url), { requestInit: { headers }, fetch: fetchWithoutRedirects });
    }
    if (stdio === undefined) throw new TypeError('the overlay was checked to have one of both');
    // The SDK's default environment holds what a program needs to run and none of our secrets.
    const env = { ...getDefaultEnvironment(), ...Object.fromEntries(stdio.env.map((variable) => [variable, valueOf(variable)])) };
    return new ServerProcess({ command: stdio.command, args: stdio.args, cwd: stdio.cwd, env, onLine: (line) => this.serverLog.info({ server: name, line }, 'an MCP server wrote') });
  }

  private unreachable(reason: string, cause?: unknown, retryAfterMs?: number): ToolError {
    return ToolError.notDone({ code: 'mcp.unreachable', message: `The MCP server "${this.settings.name}" cannot be reached: ${reason}.`, remedy: 'Start the server, or correct how the overlay reaches it; nothing was sent.', cause, retryAfterMs });
  }
}

/**
 * How a request over HTTP was lost: `not-taken` when the server knew no such session any more (404 by the specification of
 * streamable HTTP, 400 by some servers), or nobody listened; `perhaps` when the connection broke. Undefined for everything else.
 */
function lossIn(error: unknown): 'not-taken' | 'perhaps' | undefined {
  if (error instanceof StreamableHTTPError) return error.code === 404 || (error.code === 400 && /session/i.test(error.message)) ? 'not-taken' : undefined;
  if (!isNativeError(error) || error.name !== 'TypeError') return undefined;
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return cause?.code === 'ECONNREFUSED' ? 'not-taken' : 'perhaps';
}

/** A redirect could carry the credentials elsewhere; the SDK follows it within an origin, and leaves it to `requestInit` only when it posts. */
const fetchWithoutRedirects: typeof fetch = (url, init) => fetch(url, { ...init, redirect: 'error' });

/** `fetch` says what was wrong in the cause of its error only. */
function reasonOf(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  return isNativeError(error.cause) ? `${error.message} (${error.cause.message})` : error.message;
}

function refuse(server: string, variable: string): never {
  throw new HoldfastError({ code: 'settings.invalid', message: `The MCP server "${server}" wants the variable ${variable}, which is not set.`, retryable: false, remedy: `Set ${variable}, or take it out of the overlay.` });
}
