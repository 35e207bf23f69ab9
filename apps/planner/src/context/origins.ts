import type { EventLog } from '@holdfast/event-log';
import type { TenantId } from '@holdfast/contracts';
import { Conversation } from './conversation.js';

/** Forks of forks are followed this far back; what lies before is left out of the conversation. */
const FURTHEST = 16;

/** Gives a forked run's conversation that of the run at which it began, up to that commit; read once, when it is first needed. */
export async function joinOrigins(log: Pick<EventLog, 'readAfter'>, tenant: TenantId, conversation: Conversation, seen: readonly string[] = []): Promise<void> {
  const { origin } = conversation;
  if (origin === undefined) return;
  if (seen.length >= FURTHEST || seen.includes(origin.runId)) return conversation.goOnFrom(undefined);
  const history = await log.readAfter({ tenant, runId: origin.runId }, 0);
  const before = Conversation.of(history.slice(0, origin.number));
  await joinOrigins(log, tenant, before, [...seen, origin.runId]);
  conversation.goOnFrom(before);
}
