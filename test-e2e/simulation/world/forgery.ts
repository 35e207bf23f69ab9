import type { Stored } from '../broker/stream.ts';
import type { Commit, Role } from '@holdfast/contracts';
import type { FaultPlan } from '../schedule/fault-plan.ts';
import type { Weakness } from '../weaknesses.ts';

const encoder = new TextEncoder();

/**
 * What a worker is handed in place of a stored message. With the fault `forgery` a dispatched call comes with another
 * amount than policy saw. With the weakness `dedupe` a fact that comes again bears another id, so that nobody can know it.
 */
export function alterWith(faults: FaultPlan, weakness: Weakness | undefined, onForged: (commit: Commit) => void): (stored: Stored, deliveries: number, role: Role) => Uint8Array {
  return (stored, deliveries, role) => {
    if (role === 'tools' && faults.next<'forgery'>('call').length > 0) {
      onForged(JSON.parse(new TextDecoder().decode(stored.data)) as Commit);
      return edit(stored.data, /"amountCents":(\d+)/g, (_, amount) => `"amountCents":${Number(amount) + 1}`);
    }
    if (weakness === 'dedupe' && deliveries > 1 && stored.subject.startsWith('inbox.')) return edit(stored.data, /"id":"([^"]+)"/, (_, id) => `"id":"${id}#${deliveries}"`);
    return stored.data;
  };
}

function edit(data: Uint8Array, pattern: RegExp, replacement: (whole: string, part: string) => string): Uint8Array {
  return encoder.encode(new TextDecoder().decode(data).replace(pattern, replacement));
}
