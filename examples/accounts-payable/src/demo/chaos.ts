import type { ServiceName, Stack } from '@holdfast/deploy';
import { seededRandom, shuffled } from './random.js';

export type Victim = Extract<ServiceName, 'orchestrator' | 'planner' | 'tool-adapters' | 'policy' | 'memory'> | 'broker';

/** One SIGKILL: who, after how many published invoices, and what became of it. Instants in milliseconds. */
export interface Kill {
  readonly victim: Victim;
  readonly afterInvoice: number;
  readonly delayMs: number;
  killedAt?: number;
  readyAt?: number;
}

/** Which event of a run shows that a victim's kind of work goes on. */
export const SIGN_OF_LIFE: Readonly<Record<Victim, readonly string[]>> = {
  orchestrator: ['decision-made', 'tool-returned', 'task-accepted'],
  planner: ['decision-made'],
  'tool-adapters': ['tool-returned'],
  policy: ['policy-checked'],
  memory: ['tool-returned'],
  broker: ['decision-made', 'tool-returned', 'task-accepted'],
};

/** Each victim once, spread over the invoices, in an order and at moments that follow from the seed. */
export function planKills(seed: number, invoices: number, hasBroker: boolean): Kill[] {
  const random = seededRandom(seed);
  const victims: readonly Victim[] = ['orchestrator', 'planner', 'tool-adapters', 'policy', 'memory', ...(hasBroker ? (['broker'] as const) : [])];
  const slot = Math.floor(invoices / (victims.length + 1));
  return shuffled(victims, random).map((victim, index) => ({
    victim,
    afterInvoice: slot * (index + 1) - Math.floor(random() * Math.max(1, slot / 2)),
    delayMs: Math.floor(random() * 250),
  }));
}

/** Kills with SIGKILL and starts again at once, as a supervisor would. */
export async function strike(stack: Pick<Stack, 'kill' | 'start'>, kill: Kill): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, kill.delayMs));
  await stack.kill(kill.victim);
  kill.killedAt = Date.now();
  await stack.start(kill.victim);
  kill.readyAt = Date.now();
}
