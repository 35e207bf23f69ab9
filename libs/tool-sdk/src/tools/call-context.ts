import type { Reading, RunId, TenantId } from '@holdfast/contracts';

/** Where a tool writes what people may want to read: structured fields, then a sentence. A pino logger is one. */
export interface ToolLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLog: ToolLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What a tool knows about the call that it serves. */
export interface CallContext {
  /** The business operation's key; absent for reads. It is the same in every attempt and every run. */
  readonly operationKey?: string;
  /** Aborted when the attempt's time is over. A tool that goes on after it may act when nobody expects it. */
  readonly signal: AbortSignal;
  /** When this attempt is given up, in milliseconds since the Unix epoch. */
  readonly deadline: number;
  /** From 1. */
  readonly attempt: number;
  readonly tenant: TenantId;
  readonly runId: RunId;
  readonly callId: string;
  /** The number, in its run, of the commit that dispatched the call: what the run had read comes before it. */
  readonly dispatch?: number;
  /** Of a tool that stores labels: what the model's writing in the arguments is worth, as policy found it in the log. */
  readonly worth?: Reading;
  /** Of a tool that works in memory: where it may in this call, as policy found it in the log. It works nowhere else, and nowhere without it. */
  readonly memoryScopes?: readonly string[];
  /** W3C Trace Context headers (`traceparent`, `tracestate`) for requests to other systems. */
  readonly traceHeaders: Readonly<Record<string, string>>;
  readonly log: ToolLog;
}
