import type { EventLog } from '@holdfast/event-log';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import {
  memoryFileRequest,
  memoryForgetRequest,
  memoryIngestRequest,
  memoryDocument,
  memoryOutcomeRequest,
  memoryReadersRequest,
  memoryRememberRequest,
  memoryRevokeRequest,
  memorySearchRequest,
  type MemoryDocument,
  type MemoryFileRequest,
  type MemoryForgetAnswer,
  type MemoryForgetRequest,
  type MemoryIngestAnswer,
  type MemoryIngestRequest,
  type MemoryOutcomeRequest,
  type MemoryReadersAnswer,
  type MemoryReadersRequest,
  type MemoryRememberRequest,
  type MemoryRevokeAnswer,
  type MemoryRevokeRequest,
  type MemorySearchAnswer,
  type MemorySearchRequest,
} from '@holdfast/contracts';
import { chunkText } from './chunking/chunk-text.js';
import { documentDigest, rememberedId } from './documents/document-digest.js';
import type { DocumentStore, PreparedDocument } from './documents/document-store.js';
import type { Embedder, EmbedderState } from './embedding/embedder.js';
import { extractText } from './formats/extract-text.js';
import { oneAtATime } from './formats/one-at-a-time.js';
import { outcomeDocument } from './outcomes/outcome-document.js';
import { accepted } from './request-validation.js';
import type { LogProjector } from './projection/log-projector.js';
import type { Revocations } from './revocation/revocations.js';
import type { PassageSearch } from './search/passage-search.js';
import { CLOCK, DOCUMENT_STORE, EMBEDDER, LOG, PASSAGE_SEARCH, READINGS, REVOCATIONS } from './tokens.js';

/** Whether requests can be served now. Requests are accepted before that too; they wait for what is missing. */
export interface MemoryReadiness {
  readonly ready: boolean;
  readonly database: 'up' | 'down';
  readonly embedder: EmbedderState;
}

/**
 * Retrieval with provenance. Every request is validated here, whoever asks: `HoldfastError` `memory.request-invalid`
 * says what is wrong with it. All methods may be repeated without harm. They throw `memory.database-unavailable` and
 * `memory.embedder-unavailable` (retryable) and `memory.embedder-changed` (not retryable).
 */
@Injectable()
export class MemoryService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(MemoryService.name);
  /** One file after the other: each may take as much memory as the rest of the service. */
  private readonly extracting = oneAtATime();

  constructor(
    @Inject(DOCUMENT_STORE) private readonly documents: DocumentStore,
    @Inject(PASSAGE_SEARCH) private readonly passages: PassageSearch,
    @Inject(EMBEDDER) private readonly embedder: Embedder,
    @Inject(REVOCATIONS) private readonly revocations: Revocations,
    @Inject(READINGS) private readonly readings: Pick<LogProjector<unknown>, 'start' | 'caughtUp' | 'stop'>,
    @Inject(LOG) private readonly log: Pick<EventLog, 'readRun'>,
    @Inject(CLOCK) private readonly clock: () => number,
  ) {}

  /** Starts to load the model without waiting for it, so that the service answers health checks meanwhile, and to read the log. */
  async onApplicationBootstrap(): Promise<void> {
    this.embedder.load().catch((error: unknown) => this.#logger.error('The embedding model could not be loaded; the next request tries again.', error));
    await this.readings.start();
  }

  /** Before the database's pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.readings.stop();
  }

  /** Cuts, embeds and stores a document, replacing what its id held before. The same document again changes nothing. */
  async ingest(request: MemoryIngestRequest): Promise<MemoryIngestAnswer> {
    const { tenant, scope, document } = accepted(memoryIngestRequest, request);
    return this.store(tenant, scope, document);
  }

  /**
   * Stores what a run remembers, unless the same words of the same worth are there; where these were revoked, nobody brings them back. Its
   * labels come from policy; that a tool adapter hands them on is why nobody else may ask this.
   */
  async remember(request: MemoryRememberRequest): Promise<MemoryIngestAnswer> {
    const { tenant, scope, writer: { runId, callId, commit }, ...text } = accepted(memoryRememberRequest, request);
    const document = { ...text, documentId: rememberedId(text), source: `urn:holdfast:run:${runId}:${callId}`, author: `run ${runId}` };
    return this.store(tenant, scope, document, { runId, commit, firstStays: true });
  }

  /** Stores what a run answered, so that later runs can find it; see `outcomeDocument` for what it is worth. */
  async ingestOutcome(request: MemoryOutcomeRequest): Promise<MemoryIngestAnswer> {
    const { tenant, scope, runId } = accepted(memoryOutcomeRequest, request);
    const { document, writtenBy } = outcomeDocument(runId, await this.log.readRun({ tenant, runId }));
    return this.store(tenant, scope, accepted(memoryDocument, document), writtenBy);
  }

  private async store(tenant: string, scope: string, document: MemoryDocument, writtenBy?: PreparedDocument['writtenBy']): Promise<MemoryIngestAnswer> {
    const place = { tenant, scope, documentId: document.documentId };
    const digest = documentDigest(document);
    const stored = await this.documents.find(place, this.embedder.name);
    if (stored !== undefined && (stored.digest === digest || writtenBy?.firstStays === true)) return { documentId: place.documentId, ...stored, unchanged: true };

    // Embedding takes long, so it happens before the transaction, which looks again whether it was needed.
    const texts = chunkText(document.text);
    const embeddings = await this.embedder.embed(texts.map((text) => `${document.title}\n${text}`));
    const chunks = embeddings.map((embedding, index) => ({ text: texts[index] ?? '', embedding }));
    const known = { ...document, author: document.author ?? 'unknown', writtenAt: document.writtenAt ?? this.clock() };
    const result = await this.documents.replace({ place, document: known, digest, chunks, embedder: this.embedder.name, ...(writtenBy === undefined ? {} : { writtenBy }) });
    return { documentId: place.documentId, ...result };
  }

  /** Reads the text of a file and ingests it; see `extractText` for the errors of files. Nothing is stored of one that cannot be read. */
  async ingestFile(request: MemoryFileRequest): Promise<MemoryIngestAnswer> {
    const { tenant, scope, file: { content, mediaType, ...document } } = accepted(memoryFileRequest, request);
    const { text, hidden } = await this.extracting(() => extractText({ mediaType, bytes: Buffer.from(content, 'base64') }));
    const answer = await this.ingest({ tenant, scope, document: { ...document, text } });
    return hidden === undefined ? answer : { ...answer, hidden };
  }

  /** The passages that have most to do with the query, within the tenant and the scopes named; none is no error. */
  async search(request: MemorySearchRequest): Promise<MemorySearchAnswer> {
    const wanted = accepted(memorySearchRequest, request);
    if (!(await this.passages.hasWords(wanted.query))) return { passages: [] };
    const [embedding] = await this.embedder.embed([wanted.query]);
    if (embedding === undefined) throw new TypeError('The embedder gave no vector for the query.');
    return { passages: [...(await this.passages.search(wanted, { embedder: this.embedder.name, embedding }))] };
  }

  /** Takes an origin out of memory, with all that runs remembered after they had read it, and tells which runs those are. */
  async revoke(request: MemoryRevokeRequest): Promise<MemoryRevokeAnswer> {
    const { tenant, origin, by, reason } = accepted(memoryRevokeRequest, request);
    // What the log tells of before this moment shall be in the answer.
    await this.readings.caughtUp();
    const removed = await this.revocations.revoke(tenant, origin, { by, reason });
    return { ...(await this.revocations.readers(tenant, origin)), removed };
  }

  /** Which runs read an origin, whether or not it is revoked. */
  async readers(request: MemoryReadersRequest): Promise<MemoryReadersAnswer> {
    const { tenant, origin, after } = accepted(memoryReadersRequest, request);
    await this.readings.caughtUp();
    return this.revocations.readers(tenant, origin, after);
  }

  /** Removes documents and their passages for good. */
  async forget(request: MemoryForgetRequest): Promise<MemoryForgetAnswer> {
    const { tenant, scope, documents } = accepted(memoryForgetRequest, request);
    return { forgotten: await this.documents.remove(tenant, scope, documents) };
  }

  /** For the health endpoint; never throws. */
  async readiness(): Promise<MemoryReadiness> {
    const database = (await this.documents.isReachable()) ? 'up' : 'down';
    const embedder = this.embedder.state;
    return { ready: database === 'up' && embedder === 'ready', database, embedder };
  }
}
