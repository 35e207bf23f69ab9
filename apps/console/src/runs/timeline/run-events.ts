import type { paths } from '../../../generated/api.js';

/** An event of a run as the gateway tells it. Its members depend on its type; what is read of them is named below. */
export type RunEvent = paths['/v1/runs/{runId}/events']['get']['responses'][200]['content']['application/json']['events'][number];
export type RunEventType = RunEvent['event']['type'];

export interface Attempt {
  readonly at: number;
  readonly durationMs: number;
  readonly outcome: string;
}

export interface ModelCall {
  readonly name: string;
  readonly provider: string;
  readonly promptDigest: string;
  readonly toolsShown: readonly string[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly durationMs: number;
  readonly cost?: { readonly micros: number; readonly currency: string };
  readonly attempts?: readonly { readonly model: string; readonly outcome: string; readonly durationMs: number }[];
}

export interface Proposal {
  readonly basis: number;
  readonly text: string;
  readonly answer?: string;
  readonly requests: readonly { readonly tool: string; readonly arguments: Readonly<Record<string, unknown>> }[];
  readonly model: ModelCall;
}

export interface Verdict {
  readonly callId: string;
  readonly outcome: 'allow' | 'ask' | 'deny';
  readonly reasons: readonly string[];
  readonly policies: readonly string[];
  readonly risk: { readonly score: number; readonly factors: readonly string[] };
  readonly origins: readonly { readonly argument: string; readonly role: string; readonly source: string; readonly trust: string }[];
}

export interface Outcome {
  readonly status: 'succeeded' | 'failed' | 'in-doubt';
  readonly replayed?: boolean;
  readonly attempts: readonly Attempt[];
  readonly result?: unknown;
  readonly failure?: { readonly code: string; readonly message: string };
}

/** A member of an event, which the API's description leaves open. */
export function member<T>({ event }: RunEvent, name: string): T {
  return (event as Readonly<Record<string, unknown>>)[name] as T;
}
