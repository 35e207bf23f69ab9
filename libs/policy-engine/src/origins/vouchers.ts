import type { RunEventOf } from '@holdfast/contracts';
import { valueKey } from './normalise.js';

/** The values for which people vouch in a run, each for one argument of one tool. */
export class Vouchers {
  private readonly tools = new Map<string, string>();
  private readonly people = new Map<string, string>();

  /** A person was asked about a call of this tool. */
  asked({ approvalId, tool }: RunEventOf<'approval-requested'>): void {
    this.tools.set(approvalId, tool);
  }

  answered({ approvalId, by, values = [] }: RunEventOf<'approval-answered'>): void {
    const tool = this.tools.get(approvalId);
    if (tool === undefined) return;
    for (const { argument, value } of values) this.people.set(keyOf(tool, argument, value), by);
  }

  /** Who vouches for the value. */
  of(tool: string, argument: string, value: string | number): string | undefined {
    return this.people.get(keyOf(tool, argument, value));
  }
}

/** Positions in lists do not matter: a recipient is one wherever it stands. */
function keyOf(tool: string, argument: string, value: string | number): string {
  return JSON.stringify([tool, argument.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*'), valueKey(value) ?? value]);
}
