import { READS, nothing, type Row } from '../matrix/row.fixture.js';
import { REVOKED } from './memory.stand-in.fixture.js';

const labels = { source: 'https://example.com/a', trust: 'organisation', secrecy: 'internal' };
const document = { documentId: 'doc-1', title: 'Terms', text: 'Thirty days.', ...labels };
const file = { documentId: 'doc-1', title: 'Terms', mediaType: 'text/plain', content: 'VGhpcnR5IGRheXMu', ...labels };
const scope = 'terms';

export const memoryRows: Readonly<Record<string, Row>> = {
  ingestDocument: {
    ask: () => ({ body: { scope, document } }), elsewhere: 'own', again: 'same', conflict: { ask: () => ({ body: { scope, document: { ...document, source: REVOKED } } }), code: 'memory.source-revoked' },
    malformed: [
      { what: 'a tenant', ask: { body: { scope, document, tenant: 'globex' } }, code: 'request.invalid' },
      { what: 'no trust', ask: { body: { scope, document: { ...document, trust: undefined } } }, code: 'request.invalid' },
      { what: 'a NUL character', ask: { body: { scope, document: { ...document, text: 'a\u0000b' } } }, code: 'request.invalid' },
    ],
  },
  ingestFile: {
    ask: () => ({ body: { scope, file } }), elsewhere: 'own', again: 'same', conflict: { ask: () => ({ body: { scope, file: { ...file, source: REVOKED } } }), code: 'memory.source-revoked' },
    malformed: [{ what: 'no base64', ask: { body: { scope, file: { ...file, content: '!!!' } } }, code: 'request.invalid' }],
  },
  ingestOutcome: { ask: async (world) => ({ body: { scope, runId: await world.run() } }), elsewhere: 'run.unknown', again: 'same', conflict: { ask: () => ({ body: { scope, runId: 'failed' } }), code: 'memory.no-outcome' } },
  searchMemory: { ask: () => ({ body: { scopes: [scope], query: 'when is it due', limit: 3 } }), elsewhere: 'own', again: 'same', conflict: READS, malformed: [{ what: 'too much', ask: { body: { scopes: [scope], query: 'x', limit: 1_000 } }, code: 'request.invalid' }] },
  revokeOrigin: { ask: () => ({ body: { origin: { source: labels.source }, reason: 'it was planted' } }), elsewhere: 'own', again: 'same', conflict: 'revoking is for good, and goes on with what is left', malformed: [{ what: 'somebody else\'s name', ask: { body: { origin: { source: labels.source }, reason: 'x', by: 'ada' } }, code: 'request.invalid' }] },
  listReaders: { ask: () => ({ query: { source: labels.source } }), elsewhere: 'own', again: 'same', conflict: READS, malformed: [{ what: 'two origins', ask: { query: { source: labels.source, digest: 'a'.repeat(64) } }, code: 'request.invalid' }] },
  getThread: { ask: () => ({ path: { thread: 'talk' } }), elsewhere: 'own', again: 'same', conflict: READS, malformed: [{ what: 'an offset below nothing', ask: { query: { offset: '-1' } }, code: 'request.invalid' }] },
  getThreadProjection: { ask: nothing, elsewhere: 'installation', again: 'same', conflict: READS },
  rebuildThreads: { ask: nothing, elsewhere: 'installation', again: 'same', conflict: 'it may be repeated at any time' },
  eraseSubject: {
    ask: (world) => ({ body: { dataSubject: world.name(), reason: 'they asked for it' } }), elsewhere: 'own', again: 'same', varies: ['at'], conflict: 'each order is another one',
    malformed: [{ what: 'no reason', ask: { body: { dataSubject: 'x' } }, code: 'request.invalid' }],
  },
};
