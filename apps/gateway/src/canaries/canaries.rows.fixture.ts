import { defineAgent } from '@holdfast/agent-sdk';
import { READS, nothing, type Asked, type Row } from '../matrix/row.fixture.js';
import type { World } from '../matrix/world.fixture.js';

/** What is declared of an agent that nobody else has, with one version that gets all tasks and another that could be tried. */
const triable = async (world: World) => {
  const name = `payables-${world.name()}`;
  const [incumbent, candidate] = await Promise.all(['Pay what is due.', 'Pay what is due, and tell.'].map(async (instructions) => {
    const { digest, ...declaration } = defineAgent({ name, instructions, model: 'scripted', taskTypes: ['invoice.disputed'], tools: ['ship'] });
    await world.ask('admin', 'POST', `/v1/agents/${name}/versions`, { declaration });
    return digest;
  }));
  await world.ask('admin', 'POST', `/v1/agents/${name}/route`, { shares: [{ digest: incumbent, weight: 1 }], seen: 0 });
  return { id: name, agent: name, candidate, percent: 10, metrics: [{ metric: 'failures' }] };
};
const begin = async (world: World): Promise<Asked> => {
  const canary = await triable(world);
  await world.ask('admin', 'POST', '/v1/canaries', canary);
  return { path: { id: canary.id } };
};
const ended = async (world: World): Promise<Asked> => {
  const asked = await begin(world);
  await world.ask('admin', 'POST', `/v1/canaries/${asked.path?.['id']}/abort`, {});
  return { ...asked, body: {} };
};
const unknown = { what: 'a canary that there is not', ask: { path: { id: 'nobody' } }, code: 'canary.unknown' };
const word = (again: Row['again']): Row => ({
  ask: async (world) => ({ ...(await begin(world)), body: { comment: 'matrix' } }), elsewhere: 'installation', again, conflict: { ask: ended, code: 'canary.ended' }, malformed: [unknown],
});

export const canaryRows: Readonly<Record<string, Row>> = {
  listCanaries: { ask: nothing, elsewhere: 'installation', again: 'same', conflict: READS },
  getCanary: { ask: begin, elsewhere: 'installation', again: 'same', conflict: READS, malformed: [unknown] },
  declareCanary: {
    ask: async (world) => ({ body: await triable(world) }), elsewhere: 'installation', again: 'same',
    conflict: { ask: async (world) => { const canary = await triable(world); await world.ask('admin', 'POST', '/v1/canaries', canary); return { body: { ...canary, id: `${canary.id}-2` } }; }, code: 'canary.agent-busy' },
    malformed: [{ what: 'no metrics', ask: { body: { id: 'x', agent: 'payables', candidate: 'f'.repeat(64), percent: 10, metrics: [] } }, code: 'request.invalid' }, { what: 'a version that there is not', ask: { body: { id: 'x', agent: 'payables', candidate: 'f'.repeat(64), percent: 10, metrics: [{ metric: 'failures' }] } }, code: 'agent.version-unknown' }],
  },
  pauseCanary: word('same'),
  resumeCanary: word('same'),
  promoteCanary: word('canary.ended'),
  abortCanary: word('canary.ended'),
};
