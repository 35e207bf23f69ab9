import type { Bus } from '@holdfast/bus';
import { HoldfastError, memoryFileRequest, memoryIngestRequest, memoryOutcomeRequest, memoryReadersRequest, memoryRevokeRequest, memorySearchRequest, erasureRequest, subjects, threadProjectionRequest, threadRequest } from '@holdfast/contracts';

const digest = '4'.repeat(64);
/** A source that has been revoked. */
export const REVOKED = 'https://revoked.example/';

/** Answers as the memory service does, of which the gateway is an asker like any; that service has specifications of its own. */
export function serveMemory(bus: Bus): void {
  const ingested = (documentId: string, source: string) => {
    if (source === REVOKED) throw new HoldfastError({ code: 'memory.source-revoked', message: 'The source was revoked.', retryable: false, remedy: 'Ingest something else.' });
    return { documentId, digest, chunks: 1, unchanged: false };
  };
  const standing = { behind: 0, turns: 0, checksum: digest };
  bus.serve(subjects.memoryIngest(), memoryIngestRequest, async ({ document }) => ingested(document.documentId, document.source));
  bus.serve(subjects.memoryFile(), memoryFileRequest, async ({ file }) => ingested(file.documentId, file.source));
  bus.serve(subjects.memoryOutcome(), memoryOutcomeRequest, async ({ tenant, runId }) => {
    if (tenant !== 'acme') throw new HoldfastError({ code: 'run.unknown', message: 'There is no such run.', retryable: false, remedy: 'Check the id.' });
    if (runId === 'failed') throw new HoldfastError({ code: 'memory.no-outcome', message: 'The run has no outcome.', retryable: false, remedy: 'Wait for its end.' });
    return ingested(`outcome/${runId}`, 'run:/outcome');
  });
  bus.serve(subjects.memorySearch(), memorySearchRequest, async () => ({ passages: [] }));
  bus.serve(subjects.memoryReaders(), memoryReadersRequest, async ({ tenant }) => ({ runs: tenant === 'acme' ? [{ runId: 'reader-of-acme', commit: 2 }] : [], derived: [], more: false }));
  bus.serve(subjects.memoryRevoke(), memoryRevokeRequest, async () => ({ runs: [], derived: [], more: false, removed: 1 }));
  bus.serve(subjects.memoryErase(), erasureRequest, async () => ({ documents: 1, turns: 1 }));
  bus.serve(subjects.memoryThread(), threadRequest, async ({ thread }) => ({ thread, total: 0, turns: [] }));
  bus.serve(subjects.memoryThreads(), threadProjectionRequest, async () => standing);
}
