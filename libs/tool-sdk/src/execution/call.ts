import type { DataKeyName, Attempt, Reading, RunId, TenantId } from '@holdfast/contracts';
import type { LedgerPort } from '../ledger/ledger.js';
import type { ToolLog } from '../tools/call-context.js';
import type { Tool } from '../tools/tool.js';
import type { ToolError } from '../tools/tool-error.js';
import type { Clock } from './clock.js';
import type { Failpoints } from './failpoints.js';
import type { ToolGuards } from '../guards/tool-guards.js';

/** One call of one tool. */
export interface ToolCall {
  readonly tool: Tool;
  /** As they were proposed; they are checked before anything else. */
  readonly args: unknown;
  readonly tenant: TenantId;
  readonly runId: RunId;
  readonly callId: string;
  /** The number, in its run, of the commit that dispatches the call. */
  readonly dispatch?: number;
  /** What the model's writing in the arguments is worth, as policy found it; see `storesLabels` of the contract. */
  readonly worth?: Reading;
  /** Where in memory the call may work, as its permit says; see `memoryScopes` of the contract. */
  readonly memoryScopes?: readonly string[];
  /** What encrypts its run, and so what the ledger keeps of it. */
  readonly dataKey?: DataKeyName;
  readonly traceHeaders?: Readonly<Record<string, string>>;
  /** True when the call was delivered before, so the worker that had it is silent. */
  readonly redelivered?: boolean;
  /** Set when the call may not act (any more). What an earlier delivery of it did is still found out. */
  readonly forbidden?: ToolError;
}

/** What calls are executed with. */
export interface ExecutionMeans {
  readonly ledger: LedgerPort;
  readonly guards: ToolGuards;
  readonly clock?: Clock;
  /** From 0 inclusive to 1 exclusive. */
  readonly random?: () => number;
  readonly failpoints?: Failpoints;
  readonly log?: ToolLog;
  /** Aborted when the worker stops: the attempt in hand is finished, but no further one is begun. */
  readonly signal?: AbortSignal;
}

/** A call whose arguments are known to be right, with what was done for it so far. */
export interface RunningCall extends ToolCall {
  readonly parsed: Record<string, unknown>;
  readonly operationKey?: string;
  readonly attempts: Attempt[];
  /** See `callDeadline`. */
  readonly deadline: number;
}
