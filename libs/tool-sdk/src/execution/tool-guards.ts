import { ConsecutiveBreaker, bulkhead, circuitBreaker, handleWhen, isBrokenCircuitError, type BulkheadPolicy, type CircuitBreakerPolicy } from 'cockatiel';
import type { Tool } from '../tools/tool.js';
import { ToolError } from '../tools/tool-error.js';

export interface GuardSettings {
  /** Failures in a row, of whichever calls, after which a tool's circuit opens. */
  readonly failuresToOpen?: number;
  /** How long it stays open before one call may try, in milliseconds. */
  readonly halfOpenAfterMs?: number;
}

/** The code of an attempt that was not begun because its claim had grown too old; no fault of the tool. */
export const CLAIM_EXPIRED = 'tool.claim-expired';

/** What all calls of one tool in this process share: its circuit and its places. */
export class ToolGuard {
  private readonly circuit: CircuitBreakerPolicy;
  private readonly places: BulkheadPolicy;

  constructor(private readonly tool: Tool, private readonly settings: Required<GuardSettings>) {
    const counts = (error: unknown): boolean => error instanceof ToolError && (error.kind === 'not-done' || error.kind === 'unknown') && error.code !== CLAIM_EXPIRED;
    this.circuit = circuitBreaker(handleWhen(counts), { halfOpenAfter: settings.halfOpenAfterMs, breaker: new ConsecutiveBreaker(settings.failuresToOpen) });
    this.places = bulkhead(tool.contract.concurrency, Number.MAX_SAFE_INTEGER);
  }

  /** Waits for one of the tool's places. */
  withPlace<T>(work: () => Promise<T>): Promise<T> {
    return this.places.execute(work);
  }

  /** Throws a `not-done` error at once while the circuit is open; a refusal by the business is no failure of the tool. */
  async throughCircuit<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await this.circuit.execute(act);
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error;
      throw ToolError.notDone({
        code: 'tool.circuit-open',
        message: `${this.tool.name} failed ${this.settings.failuresToOpen} times in a row and is left alone for a while.`,
        remedy: 'Look at the system behind the tool; calls go through again once one has succeeded.',
        retryAfterMs: this.settings.halfOpenAfterMs,
      });
    }
  }
}

/** The guards of all tools of a process. */
export class ToolGuards {
  private readonly guards = new Map<string, ToolGuard>();
  private readonly settings: Required<GuardSettings>;

  constructor(settings: GuardSettings = {}) {
    this.settings = { failuresToOpen: settings.failuresToOpen ?? 5, halfOpenAfterMs: settings.halfOpenAfterMs ?? 5_000 };
  }

  of(tool: Tool): ToolGuard {
    const known = this.guards.get(tool.name);
    if (known !== undefined) return known;
    const guard = new ToolGuard(tool, this.settings);
    this.guards.set(tool.name, guard);
    return guard;
  }
}
