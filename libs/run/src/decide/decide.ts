import type { RunState } from '../state/state.js';
import { decideApproval } from './approval.js';
import { decideChild } from './child.js';
import { decideControl } from './control.js';
import type { Decision, Input } from './decision.js';
import { decideDispatch } from './dispatch.js';
import { decideFork } from './fork.js';
import { decideParked, decideRelease } from './parking.js';
import { decidePlan } from './plan.js';
import { decideResolution } from './resolution.js';
import { decideSignal } from './signal.js';
import { decideStall } from './stall.js';
import { decideTask } from './task.js';
import { decideTimer } from './timer.js';
import { decideTool } from './tool.js';

type Kind = Input['fact']['kind'];
type InputOf<K extends Kind> = Extract<Input, { fact: { kind: K } }>;

/** True for the input of one kind; the kinds of facts and of inputs are the same by construction. */
function is<K extends Kind>(input: Input, kind: K): input is InputOf<K> {
  return input.fact.kind === kind;
}

/**
 * The decider (Jérémie Chassaing, "Functional Event Sourcing Decider"): what follows from this input in this state.
 * Pure and total. What was decided is recorded; nothing is ever decided again from the log.
 */
export function decide(state: RunState, input: Input): Decision {
  const { at } = input;
  if (is(input, 'task')) return decideTask(state, input.fact, input.agent, at, input.earlier);
  if (is(input, 'plan')) return decidePlan(state, input, at);
  if (is(input, 'tool')) return decideTool(state, input.fact, input.labels, at);
  if (is(input, 'dispatch')) return decideDispatch(state, input.fact.id, input.judged, at);
  if (is(input, 'fork')) return decideFork(state, input.fact, input.origin, input.agent, at);
  const { fact } = input as Extract<Input, { fact: { kind: 'approval' | 'timer' | 'signal' | 'control' | 'child' | 'resolution' | 'parked' | 'release' | 'stall' } }>;
  switch (fact.kind) {
    case 'approval': return decideApproval(state, fact, at);
    case 'timer': return decideTimer(state, fact, at);
    case 'signal': return decideSignal(state, fact, at);
    case 'control': return decideControl(state, fact, at);
    case 'child': return decideChild(state, fact, at);
    case 'resolution': return decideResolution(state, fact, at);
    case 'parked': return decideParked(state, fact, at);
    case 'release': return decideRelease(state, fact, at);
    case 'stall': return decideStall(state, fact, at);
  }
}
