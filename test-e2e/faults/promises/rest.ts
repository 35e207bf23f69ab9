import type { PlannedTask } from '../workload/plan.ts';
import { stateOf, taskOf, type Evidence, type Histories } from './evidence.ts';
import { lostFacts, lostTasks, stuckRuns } from './promises.ts';

/** Whether all that was acknowledged has taken effect and every run stands where its plan lets it stand. */
export function rests(evidence: Pick<Evidence, 'plan' | 'acknowledgedTasks' | 'acknowledgedFacts' | 'runs'>): boolean {
  return lostTasks(evidence).length === 0 && lostFacts(evidence).length === 0 && stuckRuns(evidence).length === 0 && !hasOpenQuestions(evidence.runs, evidence.plan);
}

/** Whether anybody will still answer a question of some run. */
function hasOpenQuestions(runs: Histories, plan: readonly PlannedTask[]): boolean {
  const left = new Set(plan.filter(({ answer }) => answer === 'leave').map(({ id }) => id));
  return [...runs.values()].some((history) => {
    const state = stateOf(history);
    if (state === undefined || state.phase === 'unborn' || state.phase === 'ended') return false;
    return Object.values(state.approvals).some(({ approvalId }) => approvalId.startsWith('doubt-') || !left.has(taskOf(history) ?? ''));
  });
}
