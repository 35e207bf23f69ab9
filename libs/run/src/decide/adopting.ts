import { DEFAULT_MAX_REPLANS, UNKNOWN_READING, isAtLeast, meansOf, plan as planShape, writtenAfter, type Label, type Plan, type RunEvent } from '@holdfast/contracts';
import { beyond, isNothing } from '../state/standing-plan.js';
import type { LiveState } from '../state/state.js';
import { mending } from './mending.js';

const LONGEST_FAULT = 1_500;

/**
 * What becomes of a plan: it stands from now on, or the model is told why not and asked again, and in the end the run fails. `shown`
 * are the tools that the model was told of; it is the planner's word, and where that is wrong the plan is only of less use, since policy
 * judges every call by more than the plan.
 */
export function adopting(state: LiveState, given: string, shown: readonly string[]): RunEvent {
  const read = readPlan(given);
  const fault = typeof read === 'string' ? read : faultOf(state, read, shown);
  if (fault !== undefined || typeof read === 'string') return mending(state, 'plan', fault ?? '');
  const asks = addedTo(state, read);
  return { type: 'plan-adopted', steps: read.steps, ...(asks === undefined ? {} : { asks }), label: labelOf(state) };
}

function readPlan(given: string): Plan | string {
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch {
    return 'it is not JSON';
  }
  const read = planShape.safeParse(value);
  return read.success ? read.data : read.error.issues.map(({ path, message }) => `${path.join('.') || 'the plan'}: ${message}`).join('; ').slice(0, LONGEST_FAULT);
}

function faultOf({ strategy, plan, budgets: { maxReplans = DEFAULT_MAX_REPLANS } }: LiveState, { steps }: Plan, shown: readonly string[]): string | undefined {
  if (strategy !== 'plan-then-execute') return 'this task goes step by step, without a plan';
  if (plan !== undefined && plan.replans >= maxReplans) return `the plan has been made anew ${plan.replans} times, as often as it may; go on by it, or give your answer`;
  const strange = meansOf(steps).tools.filter((tool) => !shown.includes(tool));
  return strange.length === 0 ? undefined : `it names tools that you do not have: ${strange.join(', ')}`.slice(0, LONGEST_FAULT);
}

/**
 * What a new plan names beyond what was planned before the run had read what others wrote. A first plan adds nothing: it takes away from what policy
 * allows. A later one that comes after such a reading may be an outsider's wish.
 */
function addedTo({ plan, read }: LiveState, { steps }: Plan): ReturnType<typeof meansOf> | undefined {
  if (plan === undefined || isAtLeast((read ?? UNKNOWN_READING).trust, 'organisation')) return undefined;
  const added = beyond(meansOf(steps), plan.fixed);
  return isNothing(added) ? undefined : added;
}

function labelOf({ read, head }: LiveState): Label {
  return { ...writtenAfter(read ?? UNKNOWN_READING), source: `plan at commit ${head}` };
}
