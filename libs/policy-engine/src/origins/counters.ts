import type { RunEvent } from '@holdfast/contracts';

/** What a run has done so far, as policies read it. */
export interface Counted {
  /** Proposals of its planner that were accepted. */
  readonly steps: number;
  /** Calls that were sent, of whatever tool, and of the tool in question. */
  readonly calls: number;
  readonly toolCalls: number;
  /** Money in minor units that the tool's calls carried. */
  readonly toolAmount: number;
}

/** Counts calls by the log: one that is out counts like one that is done, and one that was parked does not until it is sent again. */
export class Counters {
  private readonly sent = new Map<string, { readonly tool: string; readonly amount: number }>();
  private steps = 0;

  add(event: RunEvent): void {
    if (event.type === 'decision-made') this.steps += 1;
    else if (event.type === 'tool-called') this.sent.set(event.callId, { tool: event.tool, amount: event.amount ?? 0 });
    else if (event.type === 'call-parked') this.sent.delete(event.callId);
  }

  of(tool: string): Counted {
    const own = [...this.sent.values()].filter((call) => call.tool === tool);
    const sum = own.reduce((total, { amount }) => total + amount, 0);
    return { steps: this.steps, calls: this.sent.size, toolCalls: own.length, toolAmount: Math.min(sum, Number.MAX_SAFE_INTEGER) };
  }
}
