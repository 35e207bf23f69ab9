import type { FactOf } from '@holdfast/contracts';
import { PEOPLE } from '../labels.js';
import { isFolded } from '../state/folded.js';
import type { RunState } from '../state/state.js';
import { commitOne, duplicate, refused, stale, type Decision } from './decision.js';
import { signalCame } from './wait.js';

/** Something that a person or another service says. It is recorded whether or not a call waits for it. */
export function decideSignal(state: RunState, fact: FactOf<'signal'>, at: number): Decision {
  if (state.phase === 'unborn') return refused('run.unknown', 'the run does not exist');
  if (isFolded(state.folded, fact.id)) return duplicate;
  if (state.phase === 'ended') return stale('the run has ended');
  // Whoever may send signals speaks for the organisation; only the requester speaks with the requester's voice.
  const label = { trust: fact.by === state.task.requester ? 'user' : PEOPLE.trust, secrecy: PEOPLE.secrecy, source: `signal ${fact.name} by ${fact.by}` } as const;
  return commitOne(state, { kind: 'signal', id: fact.id }, at, [
    { type: 'signal-received', name: fact.name, payload: fact.payload, by: fact.by, label },
    ...signalCame(state, fact.name, fact.by),
  ]);
}
