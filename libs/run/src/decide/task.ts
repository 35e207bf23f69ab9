import { canonicalJson, scopeOf, sharedScopes, taskLabels, type AgentDeclaration, type Budgets, type FactOf, type RunEvent, type RunEventOf, type Task, type ToolBudget } from '@holdfast/contracts';
import { DEADLINE } from '../names.js';
import { isErased, type RunState } from '../state/state.js';
import { dataSubjectOf, threadReadingOf, type EarlierRuns } from '../threads/thread-reading.js';
import { commitOne, duplicate, refused, type Decision } from './decision.js';

/** A task begins a run. The run's id is derived from the event's source and id, so the same event never begins two. */
export function decideTask(state: RunState, fact: FactOf<'task'>, agent: AgentDeclaration | undefined, at: number, earlier?: EarlierRuns): Decision {
  const task = about(taskOf(fact), earlier);
  // What it was asked is not known any more; that it was asked is.
  if (isErased(state)) return duplicate;
  if (state.phase !== 'unborn') {
    // Whom a run is about that named nobody, it found in its thread.
    const asked = ({ requester: _by, requesterRoles: _roles, memoryScopes: _handed, dataSubject, ...rest }: Task): string => canonicalJson(fact.event.datasubject === undefined ? rest : { ...rest, dataSubject });
    const same = asked(task) === asked(state.task);
    return same ? duplicate : refused('task.id-taken', `the task ${state.task.id} of ${state.task.source} was accepted with other content`);
  }
  if (agent === undefined) return refused('task.no-agent', `no agent takes tasks of type "${fact.event.type}"`);
  const { child } = fact;
  const budgets = child === undefined ? agent.budgets : narrowed(agent.budgets, child.budgets);
  return commitOne(state, { kind: 'task', id: fact.id }, at, [
    // What another run's model wrote is not the user's word, whatever the agent's owner says of tasks from outside.
    { type: 'task-accepted', task, agent: { name: agent.name, digest: agent.digest }, budgets, ...memoryOf(agent, task), labels: child?.labels ?? taskLabels(agent, task), ...(child === undefined ? {} : { parent: child.parent }), ...strategyOf(agent) },
    ...readingOf(task, earlier),
    { type: 'timer-set', timerId: DEADLINE, dueAt: at + budgets.deadlineSeconds * 1000, purpose: 'deadline' },
  ]);
}

/** The scopes of memory of a run: its agent's, and of a started run those alone that it was handed. */
export function memoryOf(agent: AgentDeclaration, task: Task): { readonly memoryScopes?: string[] } {
  const scopes = sharedScopes(agent.memoryScopes, task.memoryScopes ?? agent.memoryScopes);
  return scopes.length === 0 ? {} : { memoryScopes: scopes };
}

/** Going step by step is what a run does of which nothing is said. */
export function strategyOf({ strategy }: AgentDeclaration): Pick<RunEventOf<'task-accepted'>, 'strategy'> {
  return strategy === 'plan-then-execute' ? { strategy } : {};
}

/** The first run of a thread has nothing to read. */
function readingOf({ thread, requester, dataSubject }: Task, earlier: EarlierRuns | undefined): RunEvent[] {
  const reading = thread === undefined || earlier === undefined ? undefined : threadReadingOf(thread, requester, dataSubject, earlier);
  return reading === undefined || reading.turns.length === 0 ? [] : [{ type: 'thread-read', ...reading }];
}

/** A run that goes on with a conversation about somebody is about them as well, unless it says about whom. */
function about(task: Task, earlier: EarlierRuns | undefined): Task {
  if (task.thread === undefined || task.dataSubject !== undefined || earlier === undefined) return task;
  const dataSubject = dataSubjectOf(task.thread, earlier);
  return dataSubject === undefined ? task : { ...task, dataSubject };
}

function taskOf({ event, requester, requesterRoles, child }: FactOf<'task'>): Task {
  const { goal, ...input } = event.data;
  const { source, id, type } = event;
  const scope = child === undefined ? (event.scope === undefined ? undefined : scopeOf(event.scope)) : child.scope;
  // What a run starts within itself is no turn of its conversation.
  const thread = child === undefined ? event.thread : undefined;
  return { source, id, type, goal, input, requester, ...(thread === undefined ? {} : { thread }), ...(event.datasubject === undefined ? {} : { dataSubject: event.datasubject }), ...(requesterRoles === undefined ? {} : { requesterRoles }), ...(scope === undefined ? {} : { scope }), ...(child === undefined ? {} : { memoryScopes: child.memoryScopes ?? [] }) };
}

/** The smaller of two budgets in every respect; what only one of them limits is limited by it. */
function narrowed(own: Budgets, given: Budgets): Budgets {
  const least = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined || b === undefined ? (a ?? b) : Math.min(a, b));
  const tools = [...new Set([...Object.keys(own.tools ?? {}), ...Object.keys(given.tools ?? {})])];
  const narrowedTool = (a: ToolBudget = {}, b: ToolBudget = {}): ToolBudget => {
    const [maxCalls, most] = [least(a.maxCalls, b.maxCalls), least(a.maxAmount, b.maxAmount)];
    return { ...(maxCalls === undefined ? {} : { maxCalls }), ...(most === undefined ? {} : { maxAmount: most }) };
  };
  const [maxTokens, maxCostMicros, maxAmount] = [least(own.maxTokens, given.maxTokens), least(own.maxCostMicros, given.maxCostMicros), least(own.maxAmount, given.maxAmount)];
  return {
    ...own,
    maxSteps: Math.min(own.maxSteps, given.maxSteps),
    deadlineSeconds: Math.min(own.deadlineSeconds, given.deadlineSeconds),
    approvalSeconds: Math.min(own.approvalSeconds, given.approvalSeconds),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(maxCostMicros === undefined ? {} : { maxCostMicros }),
    ...(maxAmount === undefined ? {} : { maxAmount }),
    ...(tools.length === 0 ? {} : { tools: Object.fromEntries(tools.map((tool) => [tool, narrowedTool(own.tools?.[tool], given.tools?.[tool])])) }),
  };
}
