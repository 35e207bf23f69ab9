import { canonicalJson, type AgentDeclaration, type FactOf, type Label, type Task } from '@holdfast/contracts';
import type { RunState } from '../state/state.js';
import { commitOne, duplicate, refused, type Decision } from './decision.js';

/** A task begins a run. The run's id is derived from the event's source and id, so the same event never begins two. */
export function decideTask(state: RunState, fact: FactOf<'task'>, agent: AgentDeclaration, at: number): Decision {
  if (state.phase !== 'unborn') {
    const { goal, ...input } = fact.event.data;
    const { source, id, type } = fact.event;
    const same = canonicalJson({ source, id, type, goal, input }) === canonicalJson({ source: state.task.source, id: state.task.id, type: state.task.type, goal: state.task.goal, input: state.task.input });
    return same ? duplicate : refused('task.id-taken', `the task ${state.task.id} of ${state.task.source} was accepted with other content`);
  }
  const { goal, ...input } = fact.event.data;
  const task: Task = { source: fact.event.source, id: fact.event.id, type: fact.event.type, goal, input, requester: fact.requester };
  const dueAt = at + agent.budgets.deadlineSeconds * 1000;
  return commitOne(state, { kind: 'task', id: fact.id }, at, [
    { type: 'task-accepted', task, agent: { name: agent.name, digest: agent.digest }, budgets: agent.budgets, labels: labelsOf(agent, task) },
    { type: 'timer-set', timerId: 'deadline', dueAt, purpose: 'deadline' },
  ]);
}

/** The task's fields are labelled as the agent's owner declared; what nobody declared is somebody else's text. */
function labelsOf(agent: AgentDeclaration, task: Task): Record<string, Label> {
  const labels: Record<string, Label> = {
    goal: { trust: 'user', secrecy: 'internal', source: 'task.goal' },
    input: { trust: 'third-party', secrecy: 'internal', source: `task ${task.id} from ${task.source}` },
  };
  for (const [path, trust] of Object.entries(agent.inputTrust)) labels[path] = { trust, secrecy: 'internal', source: `task.${path}` };
  return labels;
}
