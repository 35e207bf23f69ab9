import { createHash } from 'node:crypto';
import { REGISTRY_STREAM, subjects, type ToolContract } from '@holdfast/contracts';
import { shipTool } from '../gateway.fixture.js';
import { READS, nothing, type Row } from '../matrix/row.fixture.js';
import type { World } from '../matrix/world.fixture.js';

/** The tool's server offers something else from now on, which is told. */
async function changed(world: World): Promise<string> {
  const subject = subjects.observedContract(shipTool.name);
  const needed = world.name();
  const digest = createHash('sha256').update(needed).digest('hex');
  const contract: ToolContract = { ...shipTool, input: { type: 'object', properties: { order: { type: 'string' }, [needed]: { type: 'string' } }, required: ['order', needed], additionalProperties: false }, digest };
  const last = await world.as('tools').lastBySubject(REGISTRY_STREAM, subject);
  await world.as('tools').publish(subject, JSON.stringify({ contract, source: 'the carrier', at: 1 }), { expected: { sequence: last?.sequence ?? 0 } });
  return digest;
}

const strange = { path: { name: 'nothing' } };

export const toolRows: Readonly<Record<string, Row>> = {
  listTools: { ask: nothing, elsewhere: 'installation', again: 'same', conflict: READS },
  getTool: { ask: () => ({ path: { name: shipTool.name } }), elsewhere: 'installation', again: 'same', conflict: READS, malformed: [{ what: 'a tool that there is not', ask: strange, code: 'tool.unknown' }] },
  acceptTool: {
    ask: async (world) => ({ path: { name: shipTool.name }, body: { digest: await changed(world), comment: 'matrix' } }), elsewhere: 'installation', again: 'same',
    conflict: { ask: async (world) => { await changed(world); return { path: { name: shipTool.name }, body: { digest: 'f'.repeat(64) } }; }, code: 'registry.candidate-changed' },
    malformed: [{ what: 'a tool that there is not', ask: strange, code: 'tool.unknown' }],
  },
};
