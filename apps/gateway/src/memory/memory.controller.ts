import { Body, Controller, Inject, Query } from '@nestjs/common';
import type { Bus } from '@holdfast/bus';
import { HoldfastError, memoryIngestAnswer, memoryReadersAnswer, memoryRevokeAnswer, memorySearchAnswer, subjects, type MemoryIngestAnswer, type MemoryOrigin, type MemoryReadersAnswer, type MemoryRevokeAnswer, type MemorySearchAnswer } from '@holdfast/contracts';
import { BUS } from '@holdfast/service';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { fileRequest, ingestDocument, ingestFile, ingestOutcome, ingestRequest, listReaders, outcomeRequest, readersQuery, revokeOrigin, revokeRequest, searchMemory, searchRequest } from './memory.endpoints.js';

/** A file is read, and a long document embedded passage by passage, in this many milliseconds at most. */
const INGEST_TIMEOUT_MS = 45_000;
const SEARCH_TIMEOUT_MS = 5_000;
/** What the log tells until now is brought into the database first. */
const REVOKE_TIMEOUT_MS = 30_000;

@Controller()
export class MemoryController {
  constructor(@Inject(BUS) private readonly bus: Pick<Bus, 'request'>) {}

  @Serves(ingestDocument)
  ingest(@Caller() caller: Principal, @Body() body: unknown): Promise<MemoryIngestAnswer> {
    const { document, ...place } = checked(ingestRequest, body);
    // Whoever sends a text answers for it, unless they say who wrote it.
    return this.bus.request(subjects.memoryIngest(), { ...place, document: { author: caller.name, ...document }, tenant: caller.tenant }, memoryIngestAnswer, { timeoutMs: INGEST_TIMEOUT_MS });
  }

  @Serves(ingestFile)
  ingestFile(@Caller() caller: Principal, @Body() body: unknown): Promise<MemoryIngestAnswer> {
    const { file, ...place } = checked(fileRequest, body);
    return this.bus.request(subjects.memoryFile(), { ...place, file: { author: caller.name, ...file }, tenant: caller.tenant }, memoryIngestAnswer, { timeoutMs: INGEST_TIMEOUT_MS });
  }

  @Serves(ingestOutcome)
  ingestOutcome(@Caller() caller: Principal, @Body() body: unknown): Promise<MemoryIngestAnswer> {
    return this.bus.request(subjects.memoryOutcome(), { ...checked(outcomeRequest, body), tenant: caller.tenant }, memoryIngestAnswer, { timeoutMs: INGEST_TIMEOUT_MS });
  }

  @Serves(searchMemory)
  search(@Caller() caller: Principal, @Body() body: unknown): Promise<MemorySearchAnswer> {
    return this.bus.request(subjects.memorySearch(), { ...checked(searchRequest, body), tenant: caller.tenant }, memorySearchAnswer, { timeoutMs: SEARCH_TIMEOUT_MS });
  }

  @Serves(revokeOrigin)
  revoke(@Caller() caller: Principal, @Body() body: unknown): Promise<MemoryRevokeAnswer> {
    return this.bus.request(subjects.memoryRevoke(), { ...checked(revokeRequest, body), tenant: caller.tenant, by: caller.name }, memoryRevokeAnswer, { timeoutMs: REVOKE_TIMEOUT_MS });
  }

  @Serves(listReaders)
  readers(@Caller() caller: Principal, @Query() query: unknown): Promise<MemoryReadersAnswer> {
    const { source, digest, after } = checked(readersQuery, query);
    return this.bus.request(subjects.memoryReaders(), { tenant: caller.tenant, origin: originOf(source, digest), ...(after === undefined ? {} : { after }) }, memoryReadersAnswer, { timeoutMs: REVOKE_TIMEOUT_MS });
  }
}

function originOf(source: string | undefined, digest: string | undefined): MemoryOrigin {
  if (source !== undefined && digest === undefined) return { source };
  if (digest !== undefined && source === undefined) return { digest };
  throw new HoldfastError({ code: 'request.invalid', message: 'The query names no origin, or two.', retryable: false, remedy: 'Name either "source" or "digest".' });
}
