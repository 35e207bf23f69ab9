import { findBreak } from '@holdfast/event-log';
import { fold, initialState, isDoubtId } from '@holdfast/run';
import { findWrongEffects } from './effects.ts';
import { stateOf, taskOf, waitsFor, type Evidence } from './evidence.ts';

export interface Promised {
  readonly promise: string;
  /** What speaks against it; empty when it was kept. */
  readonly broken: readonly string[];
}

/** Judges a round. Nothing is taken from the services' own words: only the log, the world and what senders were told. */
export function judge(evidence: Evidence): readonly Promised[] {
  return [
    { promise: 'every acknowledged task has a run', broken: lostTasks(evidence) },
    { promise: 'every task can be handed in once the fault is over', broken: evidence.plan.filter(({ id }) => !evidence.acknowledgedTasks.includes(id)).map(({ id }) => id) },
    { promise: 'every acknowledged answer, signal and control is in the log', broken: lostFacts(evidence) },
    { promise: 'every fact is folded once', broken: foldedTwice(evidence) },
    { promise: 'every run has ended or waits for something named', broken: stuckRuns(evidence) },
    { promise: 'every question was shown to people and their answer was taken', broken: openQuestions(evidence) },
    { promise: 'effects: at most one an operation, exactly one where a call succeeded', broken: findWrongEffects(evidence) },
    { promise: 'every chain is whole', broken: brokenChains(evidence) },
    { promise: 'every run can be replayed', broken: unfoldable(evidence) },
    { promise: 'nothing is on the dead-letter list', broken: evidence.deadLetters?.map(({ subject, code, reason }) => `${subject}: ${code} ${reason}`) ?? ['the list cannot be read'] },
    { promise: 'every service is ready again', broken: evidence.unready },
  ];
}

export function lostTasks({ acknowledgedTasks, runs }: Pick<Evidence, 'acknowledgedTasks' | 'runs'>): readonly string[] {
  const begun = new Set([...runs.values()].map(taskOf));
  return acknowledgedTasks.filter((id) => !begun.has(id));
}

/**
 * A fact that changes nothing any more leaves no trace: a run that has ended, an approval that is answered, a run that is
 * paused already. Whatever else was acknowledged must be the cause of a commit.
 */
export function lostFacts({ acknowledgedFacts, runs }: Pick<Evidence, 'acknowledgedFacts' | 'runs'>): readonly string[] {
  return acknowledgedFacts.flatMap((fact) => {
    const history = runs.get(fact.runId) ?? [];
    if (history.some(({ commit }) => commit.cause.id === fact.factId)) return [];
    const events = history.flatMap(({ commit }) => commit.events);
    if (events.some((event) => event.type === 'run-ended')) return [];
    if (fact.kind === 'approval' && events.some((event) => event.type === 'approval-answered' && event.approvalId === fact.about)) return [];
    return [`${fact.kind} ${fact.about} of run ${fact.runId} (${fact.factId})`];
  });
}

/** Further commits of one decision have its cause too; they send calls and do nothing else. */
function foldedTwice({ runs }: Evidence): readonly string[] {
  return [...runs].flatMap(([runId, history]) => {
    const seen = new Set<string>();
    return history.flatMap(({ commit }) => {
      const again = seen.has(commit.cause.id) && commit.events.some((event) => event.type !== 'tool-called');
      seen.add(commit.cause.id);
      return again ? [`${commit.cause.kind} ${commit.cause.id} in commit ${commit.number} of run ${runId}`] : [];
    });
  });
}

export function stuckRuns({ runs }: Pick<Evidence, 'runs'>): readonly string[] {
  return [...runs].flatMap(([runId, history]) => {
    const state = stateOf(history);
    if (state === undefined || state.phase === 'ended' || waitsFor(state) !== undefined) return [];
    const last = history.at(-1)?.commit;
    return [`run ${runId} of ${taskOf(history) ?? 'no task'} is at commit ${last?.number} on route ${last?.route}`];
  });
}

/** What runs still ask, of people who would have answered. */
export function openQuestions({ runs, plan }: Pick<Evidence, 'runs' | 'plan'>): readonly string[] {
  const left = new Set(plan.filter(({ answer }) => answer === 'leave').map(({ id }) => id));
  return [...runs].flatMap(([runId, history]) => {
    const state = stateOf(history);
    if (state === undefined || state.phase === 'unborn' || state.phase === 'ended') return [];
    const task = taskOf(history) ?? '';
    return Object.keys(state.approvals).filter((approvalId) => isDoubtId(approvalId) || !left.has(task)).map((approvalId) => `approval ${approvalId} of run ${runId} (${task})`);
  });
}

function brokenChains({ runs }: Evidence): readonly string[] {
  return [...runs].flatMap(([runId, history]) => {
    const found = findBreak(history);
    return found === undefined ? [] : [`run ${runId}, commit ${found.number}: ${found.problem}`];
  });
}

function unfoldable({ runs }: Evidence): readonly string[] {
  return [...runs].flatMap(([runId, history]) => {
    try {
      fold(history.map(({ commit }) => commit), initialState);
      return [];
    } catch (error) {
      return [`run ${runId}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}
