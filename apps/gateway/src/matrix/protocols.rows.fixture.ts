import { READS, nothing, type Row } from './row.fixture.js';

const rpc = (method: string, params: unknown) => ({ jsonrpc: '2.0', id: 1, method, params });
const accepts = { accept: 'application/json, text/event-stream' };
const listTools = { body: rpc('tools/list', {}), headers: accepts };
const a2a = { 'a2a-version': '1.0' };

export const protocolRows: Readonly<Record<string, Row>> = {
  callMcp: { ask: () => listTools, elsewhere: 'installation', again: 'same', conflict: READS, malformed: [{ what: 'the origin of a web page', ask: { headers: { ...accepts, origin: 'https://evil.example' } }, code: 'request.origin' }] },
  streamMcp: { ask: nothing, refusal: 'route.method', elsewhere: 'route.method', again: 'route.method', conflict: READS },
  describeAgent: { ask: nothing, elsewhere: 'installation', again: 'same', conflict: READS },
  callAgent: { ask: async (world) => ({ body: rpc('GetTask', { id: await world.run() }), headers: a2a }), elsewhere: 'own', again: 'same', conflict: READS },
};
