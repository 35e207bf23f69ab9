import { GUARDS_STREAM, subjects } from '@holdfast/contracts';
import { READS, type Asked, type Row } from '../matrix/row.fixture.js';
import type { World } from '../matrix/world.fixture.js';

/** A tool is left alone, for a reason in the words of a call of "acme", and the gateway reads so on a real broker. */
async function opened(world: World): Promise<Asked> {
  const subject = subjects.guardRecord('ship', 'breaker');
  const last = await world.as('tools').lastBySubject(GUARDS_STREAM, subject);
  await world.as('tools').publish(subject, JSON.stringify({ state: 'open', forMs: 3_600_000, reason: world.name() }), { expected: { sequence: last?.sequence ?? 0 } });
  const { text } = await world.ask('viewer', 'GET', '/v1/breakers');
  if (!text.includes('"tool":"ship","state":"open"')) throw new Error(`the breaker is not told: ${text}`);
  return {};
}

export const breakerRows: Readonly<Record<string, Row>> = {
  // Tools are the installation's, and so are their breakers; that nothing of "acme" is told with them is more than that.
  listBreakers: { ask: opened, elsewhere: 'own', again: 'same', conflict: READS },
};
