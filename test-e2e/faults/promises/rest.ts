import type { Evidence } from './evidence.ts';
import { lostFacts, lostTasks, openQuestions, stuckRuns } from './promises.ts';

/** Whether all that was acknowledged has taken effect and every run stands where its plan lets it stand. */
export function rests(evidence: Pick<Evidence, 'plan' | 'acknowledgedTasks' | 'acknowledgedFacts' | 'runs'>): boolean {
  return lostTasks(evidence).length === 0 && lostFacts(evidence).length === 0 && stuckRuns(evidence).length === 0 && openQuestions(evidence).length === 0;
}
