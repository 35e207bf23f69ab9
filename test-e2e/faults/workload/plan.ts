import { LARGE_AMOUNT, TOOL_OF, type Script, type ScriptedCall, type ToolName } from '../application/scripts.ts';
import type { Random } from './random.ts';

/** What a person does with a run that waits for an approval. `leave` lets it wait, so that the round ends with open runs. */
export type Answer = 'approve' | 'approve-twice' | 'reject' | 'leave';
export type Intervention = 'cancel' | 'pause' | 'pause-and-resume' | 'signal';

/** A task and all that people will do about its run. */
export interface PlannedTask {
  readonly id: string;
  /** When it is handed in, in milliseconds from the start of the workload. */
  readonly atMs: number;
  readonly by: 'nats' | 'http';
  /** The sender sends it a second time although it heard the answer. */
  readonly twice: boolean;
  readonly script: Script;
  readonly answer: Answer;
  readonly interventions: readonly Intervention[];
}

const TOOLS: readonly ToolName[] = [TOOL_OF.read, TOOL_OF.idempotent, TOOL_OF.keyed, TOOL_OF.keyed, TOOL_OF.reconcilable, TOOL_OF['at-most-once']];
/** What is done to a run that waits for ever, and to one that may end at any moment. */
const PARKED: readonly (readonly Intervention[])[] = [['signal', 'signal'], ['signal', 'signal', 'pause'], ['signal', 'pause-and-resume', 'signal']];
const MOVING: readonly Intervention[] = ['cancel', 'pause-and-resume', 'signal'];

/** A workload of `perSecond` tasks for `seconds`; everything about it follows from the random numbers. */
export function planWorkload(random: Random, seconds: number, perSecond: number): readonly PlannedTask[] {
  const count = Math.max(4, Math.round(seconds * perSecond));
  return Array.from({ length: count }, (_, index): PlannedTask => {
    const id = `task-${index + 1}`;
    const asks = random.chance(0.25);
    // Left alone, a run is certainly still there when it is told something.
    const answer: Answer = random.pick(['approve', 'approve', 'approve-twice', 'reject', 'leave']);
    const parked = asks && answer === 'leave';
    const interventions = parked ? random.pick(PARKED) : random.chance(0.15) ? [random.pick(MOVING)] : [];
    return {
      id, answer, interventions,
      atMs: Math.floor((index * seconds * 1_000) / count),
      // Whoever means to interfere has to be told the run.
      by: interventions.length > 0 || random.chance(0.4) ? 'http' : 'nats',
      twice: random.chance(0.2),
      script: scriptOf(random, id, index, asks),
    };
  });
}

/** Small tasks that are handed in all at once, each with one effect that must not happen twice. */
export function planBurst(name: string, count: number): readonly PlannedTask[] {
  return Array.from({ length: count }, (_, index): PlannedTask => ({
    id: `${name}-${index + 1}`, atMs: 0, by: 'nats', twice: false, answer: 'approve', interventions: [],
    script: [[{ tool: TOOL_OF['at-most-once'], operation: `${name}-${index + 1}`, amount: 1 }]],
  }));
}

function scriptOf(random: Random, id: string, index: number, asks: boolean): Script {
  const steps: (readonly ScriptedCall[])[] = Array.from({ length: random.between(1, 3) }, (_, step) =>
    Array.from({ length: random.between(1, 3) }, (_unused, call) => callOf(random, `${id}-${step + 1}-${call + 1}`)));
  if (asks) steps.push([{ tool: TOOL_OF.keyed, operation: `${id}-large`, amount: LARGE_AMOUNT * 5 }]);
  // Two neighbours ask for the same payment: one effect and one outcome for both.
  if (index % 8 < 2) steps.push([{ tool: TOOL_OF.keyed, operation: `shared-${Math.floor(index / 8)}`, amount: 7 }]);
  return steps;
}

function callOf(random: Random, operation: string): ScriptedCall {
  return { tool: random.pick(TOOLS), operation, amount: random.between(1, LARGE_AMOUNT) };
}
