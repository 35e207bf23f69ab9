import { Body, Controller, Inject } from '@nestjs/common';
import type { Bus } from '@holdfast/bus';
import { memoryIngestAnswer, memorySearchAnswer, subjects, type MemoryIngestAnswer, type MemorySearchAnswer } from '@holdfast/contracts';
import { BUS } from '@holdfast/service';
import type { Principal } from '../edge/api-keys.js';
import { Caller } from '../edge/principals.js';
import { Serves, checked } from '../endpoints/endpoint.js';
import { fileRequest, ingestDocument, ingestFile, ingestRequest, searchMemory, searchRequest } from './memory.endpoints.js';

/** A file is read, and a long document embedded passage by passage, in this many milliseconds at most. */
const INGEST_TIMEOUT_MS = 45_000;
const SEARCH_TIMEOUT_MS = 5_000;

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

  @Serves(searchMemory)
  search(@Caller() caller: Principal, @Body() body: unknown): Promise<MemorySearchAnswer> {
    return this.bus.request(subjects.memorySearch(), { ...checked(searchRequest, body), tenant: caller.tenant }, memorySearchAnswer, { timeoutMs: SEARCH_TIMEOUT_MS });
  }
}
