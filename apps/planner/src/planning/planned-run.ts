import type { RecordedCommit } from '@holdfast/contracts';
import { evolve, initialState, lacksPlan, type RunState } from '@holdfast/run';
import { Conversation } from '../context/conversation.js';
import { Brief } from '../strategies/brief.js';

/** A run as the planner needs it: where it stands, and what the model is told of it. */
export interface PlannedRun {
  readonly state: RunState;
  readonly conversation: Conversation;
  readonly brief: Brief;
}

export const emptyRun = (): PlannedRun => ({ state: initialState, conversation: new Conversation(), brief: new Brief() });

/** The run after one commit more. Conversation and brief stay the same things, which grow. */
export function foldRun({ state, conversation, brief }: PlannedRun, recorded: RecordedCommit): PlannedRun {
  conversation.add(recorded);
  const next = evolve(state, recorded.commit);
  if (lacksPlan(next)) brief.add(recorded);
  return { state: next, conversation, brief };
}
