import { defineAgent } from '@holdfast/agent-sdk';
import { READS, nothing, type Asked, type Row } from '../matrix/row.fixture.js';
import type { World } from '../matrix/world.fixture.js';

/** Of the specifications' catalogue. */
const deployed = { name: 'payables', digest: 'e'.repeat(64) };
const unknown = 'f'.repeat(64);

const declared = (name: string) => {
  const { digest, ...declaration } = defineAgent({ name, instructions: 'Pay what is due.', model: 'scripted', taskTypes: ['invoice.disputed'], tools: ['ship'] });
  return { digest, declaration };
};
/** An agent that nobody else has. */
const publish = async (world: World) => {
  const name = `payables-${world.name()}`;
  const { digest, declaration } = declared(name);
  await world.ask('admin', 'POST', `/v1/agents/${name}/versions`, { declaration });
  return { name, digest };
};
const route = async (world: World): Promise<Asked> => {
  const { name, digest } = await publish(world);
  return { path: { name }, body: { shares: [{ digest, weight: 1 }], seen: 0 } };
};

export const agentRows: Readonly<Record<string, Row>> = {
  listAgents: { ask: nothing, elsewhere: 'installation', again: 'same', conflict: READS },
  getAgent: { ask: () => ({ path: { name: deployed.name } }), elsewhere: 'installation', again: 'same', conflict: READS, malformed: [{ what: 'an agent that there is not', ask: { path: { name: 'nobody' } }, code: 'agent.unknown' }] },
  getAgentVersion: { ask: () => ({ path: deployed }), elsewhere: 'installation', again: 'same', conflict: READS, malformed: [{ what: 'a version that there is not', ask: { path: { digest: unknown } }, code: 'agent.version-unknown' }] },
  publishAgent: {
    ask: (world) => {
      const name = `payables-${world.name()}`;
      return { path: { name }, body: { declaration: declared(name).declaration } };
    },
    // What is published is known then.
    elsewhere: 'installation', again: 'same', varies: ['status'], conflict: 'a version is named by what it says',
    malformed: [{ what: 'another name in the body', ask: { body: { declaration: declared('other').declaration } }, code: 'request.invalid' }],
  },
  routeAgent: {
    ask: route, elsewhere: 'installation', again: 'agent.route-changed',
    conflict: { ask: async (world) => { const asked = await route(world); return { ...asked, body: { shares: [], seen: 99 } }; }, code: 'agent.route-changed' },
    malformed: [{ what: 'a version that there is not', ask: { body: { shares: [{ digest: unknown, weight: 1 }] } }, code: 'agent.version-unknown' }],
  },
  revokeAgent: {
    ask: async (world) => ({ path: await publish(world), body: { reason: 'matrix' } }), elsewhere: 'installation', again: 'same', conflict: 'what is revoked stays revoked, by whoever said so first',
    malformed: [{ what: 'a version that there is not', ask: { path: { digest: unknown } }, code: 'agent.version-unknown' }, { what: 'no reason', ask: { body: {} }, code: 'request.invalid' }],
  },
};
