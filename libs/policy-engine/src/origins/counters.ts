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

interface SentCall {
  readonly tool: string;
  readonly amount: number;
}

/** Counts calls by the log: one that is out counts like one that is done, and one that was parked does not until it is sent again. */
export class Counters {
  private readonly sent = new Map<string, SentCall>();
  /** Sums of many amounts may be beyond what a number holds exactly, and come back when calls are parked. */
  private readonly byTool = new Map<string, { calls: number; amount: bigint }>();
  private steps = 0;

  add(event: RunEvent): void {
    if (event.type === 'decision-made') this.steps += 1;
    else if (event.type === 'tool-called' || event.type === 'call-simulated') this.send(event.callId, { tool: event.tool, amount: event.amount ?? 0 });
    else if (event.type === 'call-parked') this.takeBack(event.callId);
  }

  of(tool: string): Counted {
    const { calls, amount } = this.byTool.get(tool) ?? { calls: 0, amount: 0n };
    return { steps: this.steps, calls: this.sent.size, toolCalls: calls, toolAmount: Math.min(Number(amount), Number.MAX_SAFE_INTEGER) };
  }

  private send(callId: string, call: SentCall): void {
    this.takeBack(callId);
    this.sent.set(callId, call);
    this.count(call, 1);
  }

  private takeBack(callId: string): void {
    const call = this.sent.get(callId);
    if (call === undefined) return;
    this.sent.delete(callId);
    this.count(call, -1);
  }

  private count({ tool, amount }: SentCall, times: 1 | -1): void {
    const known = this.byTool.get(tool) ?? { calls: 0, amount: 0n };
    this.byTool.set(tool, { calls: known.calls + times, amount: known.amount + BigInt(times) * BigInt(amount) });
  }
}
