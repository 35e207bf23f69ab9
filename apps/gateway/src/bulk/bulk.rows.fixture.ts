import type { Asked, Row } from '../matrix/row.fixture.js';
import type { World } from '../matrix/world.fixture.js';
import { accepted, append } from '../runs/run.fixture.js';

/** What a dry run showed of one run, of an agent that no other run has. */
async function shown(world: World): Promise<Asked & { readonly body: { readonly shown: { readonly digest: string } } }> {
  const agent = `bulk-${world.name().slice(2, 30)}`;
  await world.run(async (run, log) => void (await append(log, run, 'plan', [{ ...accepted(), agent: { name: agent, digest: 'd'.repeat(64) } }])));
  const body = { action: 'cancel', filter: { agent }, reason: 'matrix' };
  const told = await world.ask('operator', 'POST', '/v1/runs/bulk', body);
  return { body: { ...body, shown: (JSON.parse(told.text) as { shown: { digest: string } }).shown } };
}

export const bulkRows: Readonly<Record<string, Row>> = {
  steerRuns: {
    // What was told is known then.
    ask: shown, elsewhere: 'bulk.not-shown', again: 'same', varies: ['outcome'],
    conflict: { ask: async (world) => { const { body } = await shown(world); return { body: { ...body, shown: { ...body.shown, digest: 'f'.repeat(64) } } }; }, code: 'bulk.not-shown' },
    malformed: [
      { what: 'an action that there is not', ask: { body: { action: 'erase', filter: {} } }, code: 'request.invalid' },
      { what: 'no filter', ask: { body: { action: 'cancel' } }, code: 'request.invalid' },
      { what: 'a status of ended runs', ask: { body: { action: 'cancel', filter: { status: 'completed' } } }, code: 'request.invalid' },
      { what: 'a signal without what it says', ask: { body: { action: 'signal', filter: {} } }, code: 'request.invalid' },
      { what: 'a retry of runs that go on', ask: { body: { action: 'retry', filter: { status: 'running' } } }, code: 'request.invalid' },
      { what: 'a retry that signals', ask: { body: { action: 'retry', filter: {}, signal: { name: 'x' } } }, code: 'request.invalid' },
      { what: 'more runs than are taken at once', ask: { body: { action: 'cancel', filter: {}, limit: 1_001 } }, code: 'request.invalid' },
    ],
  },
};
