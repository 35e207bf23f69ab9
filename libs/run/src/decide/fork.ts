import type { AgentDeclaration, FactOf, RunEventOf, Task } from '@holdfast/contracts';
import { DEADLINE, originCallId } from '../names.js';
import { UNSETTLED, callsWith, isErased, type CallState, type RunState } from '../state/state.js';
import { commitOne, duplicate, refused, type Decision, type ForkOrigin } from './decision.js';
import { memoryOf, strategyOf } from './task.js';

/** What `undo-` can still be put before within the limit of a call's id. */
const LONGEST_CALL_ID = 59;

type Unsettled = RunEventOf<'run-forked'>['unsettled'][number];

/**
 * Begins a run where another stood after one of its commits: `retry` goes on where a run that has ended went wrong, `fork`
 * tries another way, perhaps with another agent, while the origin stays as it is. The planner is asked anew; what the
 * origin had decided and not settled is never sent again.
 */
export function decideFork(state: RunState, fact: FactOf<'fork'>, origin: ForkOrigin | undefined, agent: AgentDeclaration | undefined, at: number): Decision {
  if (state.phase !== 'unborn') return state.origin?.factId === fact.id ? duplicate : refused('run.id-taken', 'the run exists already');
  const { runId, number } = fact.origin;
  if (origin === undefined || origin.state.phase === 'unborn') return refused('fork.origin-unknown', `there is no commit ${number} of the run ${runId}`);
  if (isErased(origin.state)) return refused('fork.origin-erased', `what the run ${runId} says is erased`);
  if (agent === undefined) return refused('fork.agent-unknown', `there is no agent "${fact.agent ?? origin.state.agent.name}"`);
  if (fact.mode === 'retry' && !origin.hasEnded) return refused('fork.origin-runs', `the run ${runId} has not ended; cancel it first, or fork it`);
  // What was simulated stays simulated: whoever goes on with it would take for done what never happened.
  const isSimulated = fact.effects === 'simulated';
  if (origin.state.simulation !== undefined && !isSimulated) return refused('fork.origin-simulated', `the effects of the run ${runId} are simulated, and nothing real can go on with them; begin at the run at which that began`);
  const { spent, used, read } = origin.state;
  const task = isSimulated ? aside(origin.state.task) : origin.state.task;
  const strategy = strategyOf(agent);
  // A fork's origin may still need its effects; those of a run that has ended pass to whoever carries on.
  const undoable = fact.mode === 'retry' && !isSimulated ? origin.state.undoable.map((one) => ({ ...one, callId: originCallId(one.callId) })) : [];
  if (undoable.some(({ callId }) => callId.length > LONGEST_CALL_ID)) return refused('fork.too-deep', 'runs have carried on with one another so often that what they did has no name any more; abort the last of them');
  return commitOne(state, { kind: 'fork', id: fact.id }, at, [
    {
      type: 'run-forked', mode: fact.mode, by: fact.by, reason: fact.reason, origin: { runId, number, hash: origin.hash },
      task, agent: { name: agent.name, digest: agent.digest }, ...(isSimulated ? { effects: 'simulated' as const } : {}), budgets: agent.budgets, ...memoryOf(agent, task), labels: { ...origin.labels }, amount: spent.amount, ...(used === undefined ? {} : { used }), ...(read === undefined ? {} : { read }), ...strategy, ...(strategy.strategy === undefined ? {} : planOf(origin.state)),
      undoable,
      unsettled: callsWith(origin.state, ...UNSETTLED).map((call) => unsettled(call, runId)),
    },
    { type: 'timer-set', timerId: DEADLINE, dueAt: at + agent.budgets.deadlineSeconds * 1000, purpose: 'deadline' },
  ]);
}

/** What is only tried is no turn of the conversation that its origin belongs to. */
function aside({ thread: _thread, ...task }: Task): Task {
  return task;
}

/** A run that is begun anew goes on by the plan that stood there: what has been read since is no reason for a wider one. */
function planOf({ plan }: Exclude<RunState, { phase: 'unborn' }>): Pick<RunEventOf<'run-forked'>, 'plan'> {
  if (plan === undefined) return {};
  const { number: _ofOrigin, steps, fixed, asks, replans, done } = plan;
  return { plan: { steps: [...steps], fixed, asks, replans, done: done.map((tools) => [...tools]) } };
}

/** What the model is told of a call that was open: it was never made, or nobody here knows what came of it. */
function unsettled(call: CallState, runId: string): Unsettled {
  const { callId, tool } = call;
  const neverMade = call.status === 'undispatched' || call.status === 'awaiting-approval' || call.status === 'parked' || (call.status === 'waiting' && call.wait?.for !== 'child');
  return neverMade
    ? { callId, tool, status: 'refused', reason: 'It was not made before this run was begun anew. Ask for it again if it is still wanted.' }
    : { callId, tool, status: 'unknown', reason: `The run ${runId} had made it, and what came of it is not known here. Look whether it happened before you ask for it again.` };
}
