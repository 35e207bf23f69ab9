import { canonicalJson, type RecordedCommit } from '@holdfast/contracts';
import { FORBIDDEN, NEEDS_PERSON, operationName } from '../world/catalogue.ts';
import type { Effect } from '../world/system-of-record.ts';
import { eventsOf } from './at-each-commit.ts';
import type { Violation } from './violation.ts';

const NAME = 'no effect without an earlier permit';

/**
 * What the log must hold at the moment when something happens in the world: this very call with these very arguments, an
 * allowing verdict before it, and an approval where the outside knows that one is needed, whatever any policy said.
 */
export function judgeEffect(history: readonly RecordedCommit[], effect: Effect): readonly Violation[] {
  const violations: Violation[] = [];
  const accuse = (description: string): void => void violations.push({ invariant: NAME, description: `${effect.runId}, call ${effect.callId} (${effect.tool} ${effect.order.operation}): ${description}` });
  const events = history.flatMap((recorded) => recorded.commit.events);
  const sent = eventsOf(events, 'tool-called').find((event) => event.callId === effect.callId);
  if (sent === undefined || sent.tool !== effect.tool || canonicalJson(sent.arguments) !== canonicalJson(effect.order)) accuse('the log holds no such call');
  if (!eventsOf(events, 'policy-checked').some(({ verdict }) => verdict.callId === effect.callId && verdict.outcome === 'allow')) accuse('no verdict allowed it');
  const last = events.findLast((event) => (event.type === 'tool-called' || event.type === 'call-parked' || event.type === 'call-refused') && event.callId === effect.callId);
  if (last?.type === 'call-parked' || last?.type === 'call-refused') accuse('the log says that nobody has it');
  const approved = eventsOf(events, 'approval-answered').some((event) => event.callId === effect.callId && event.answer === 'approved');
  if (effect.order.operation === operationName(FORBIDDEN)) accuse('nobody may do it');
  if (effect.order.operation === operationName(NEEDS_PERSON) && !approved) accuse('no person approved it');
  return violations;
}
