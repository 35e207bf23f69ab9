import { z } from 'zod';
import { dataSubject, digest, instant, runId, tenantId } from './identifiers.js';
import { label, secrecy, trust } from './labels.js';

/** What the memory service accepts and returns at most. Requests and answers stay below the broker's 1 MB message. */
export const memoryLimits = {
  /** UTF-16 code units of one document's text. */
  text: 100_000,
  /** Characters of base64 of one file: about 690,000 bytes, so that the request fits a message of 1 MB. */
  fileBase64: 920_000,
  title: 300,
  /** What one call may remember. */
  note: 10_000,
  author: 200,
  query: 2_000,
  reason: 1_000,
  scopes: 32,
  passages: 20,
  metadataEntries: 32,
  metadataValue: 1_000,
  forgottenDocuments: 100,
} as const;

/**
 * Text that Postgres and JSON can both store unchanged: no NUL character and no half of a surrogate pair. Altering it
 * silently would make its digest a lie, so it is refused.
 */
const storableText = z.string().superRefine((value, context) => {
  if (value.includes('\u0000')) context.addIssue({ code: 'custom', message: 'must not contain a NUL character' });
  if (!value.isWellFormed()) context.addIssue({ code: 'custom', message: 'must be well-formed Unicode' });
});

const writtenText = (limit: number) =>
  storableText
    .refine((value) => value.length <= limit, `must have at most ${limit} characters`)
    .refine((value) => value.trim().length > 0, 'must not be empty');

/** A slash-separated place that documents belong to, such as `accounts-payable/guidelines`. Not a prefix match. */
export const memoryScope = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/, 'must be 1 to 128 letters, digits, ".", "_", ":", "/" or "-"');

/** The scopes that an agent, a tool or a run may work with. */
export const memoryScopes = z.array(memoryScope).max(memoryLimits.scopes);

/** The scopes that both have; none where either has none. The order is that of the first. */
export function sharedScopes(some: readonly string[] | undefined, others: readonly string[] | undefined): string[] {
  return (some ?? []).filter((scope) => others?.includes(scope) === true);
}

/** The name of a document within its tenant and scope, chosen by whoever ingests it. */
export const memoryDocumentId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$/, 'must be 1 to 200 letters, digits, ".", "_", ":", "/" or "-"');

/** The address a text came from, as RFC 3986 writes it, of any scheme. */
const source = label.shape.source.pipe(z.url('must be an absolute URI')).pipe(storableText);

const metadata = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/, 'must be a name of 1 to 64 letters, digits, ".", "_" or "-"'),
    z.union([storableText.pipe(z.string().max(memoryLimits.metadataValue)), z.number(), z.boolean()]),
  )
  .refine((value) => Object.keys(value).length <= memoryLimits.metadataEntries, `must have at most ${memoryLimits.metadataEntries} entries`);

/** One text with its labels. Trust and secrecy have no default: who ingests a document must say what it is. */
export const memoryDocument = z.strictObject({
  documentId: memoryDocumentId,
  title: writtenText(memoryLimits.title),
  source,
  /** Who wrote it, as far as is known; whoever ingests it, when nothing is said. */
  author: writtenText(memoryLimits.author).optional(),
  /** When it was written or last changed; when it is ingested, where nothing is said. */
  writtenAt: instant.optional(),
  trust,
  secrecy,
  text: writtenText(memoryLimits.text),
  metadata: metadata.optional(),
  /** Whose personal data is in it: it goes when any of them is erased. */
  dataSubjects: z.array(dataSubject).min(1).max(32).optional(),
});
export type MemoryDocument = z.infer<typeof memoryDocument>;

export const memoryIngestRequest = z.strictObject({ tenant: tenantId, scope: memoryScope, document: memoryDocument });
export type MemoryIngestRequest = z.infer<typeof memoryIngestRequest>;

/** Files whose text can be read. */
export const memoryMediaType = z.enum(['text/plain', 'text/markdown', 'text/html', 'application/pdf']);
export type MemoryMediaType = z.infer<typeof memoryMediaType>;

/** A document as a file, whose text is read from it. Labels are those of whoever sends it: what the file says of itself is text. */
export const memoryFile = memoryDocument.omit({ text: true }).extend({
  mediaType: memoryMediaType,
  content: z.base64('must be base64').max(memoryLimits.fileBase64, `must be at most ${memoryLimits.fileBase64} characters of base64`),
});
export type MemoryFile = z.infer<typeof memoryFile>;

export const memoryFileRequest = z.strictObject({ tenant: tenantId, scope: memoryScope, file: memoryFile });
export type MemoryFileRequest = z.infer<typeof memoryFileRequest>;

export const memoryIngestAnswer = z.strictObject({
  documentId: memoryDocumentId,
  /** Over the text, its title and all its labels; the same digest means that nothing has to be done. */
  digest,
  /** How many passages the document now has. */
  chunks: z.number().int().positive(),
  /** True when this very document was there already and nothing was written. */
  unchanged: z.boolean(),
  /** Of a file: what stands in it that no reader would see. It was not ingested, and is seldom there by chance. */
  hidden: z.strictObject({ characters: z.number().int().positive(), excerpt: z.string() }).optional(),
});
export type MemoryIngestAnswer = z.infer<typeof memoryIngestAnswer>;

/** A text that a run stores for later runs. Its labels are what policy found in the log, and never the writer's own word. */
export const memoryRememberRequest = z.strictObject({
  tenant: tenantId,
  scope: memoryScope,
  title: writtenText(memoryLimits.title),
  text: writtenText(memoryLimits.note),
  trust,
  secrecy,
  /** The call that stores it, and the commit that dispatched it: what the run had read comes before that. */
  writer: z.strictObject({ runId, callId: z.string().min(1).max(64), commit: z.number().int().positive() }),
});
export type MemoryRememberRequest = z.infer<typeof memoryRememberRequest>;

/** Makes a document of what an ended run answered, by its history in the log. */
export const memoryOutcomeRequest = z.strictObject({ tenant: tenantId, scope: memoryScope, runId });
export type MemoryOutcomeRequest = z.infer<typeof memoryOutcomeRequest>;

export const memorySearchRequest = z.strictObject({
  tenant: tenantId,
  scopes: z.array(memoryScope).min(1).max(memoryLimits.scopes),
  query: writtenText(memoryLimits.query),
  limit: z.number().int().min(1).max(memoryLimits.passages),
  /** Leaves out every passage that is less trusted than this. */
  minimumTrust: trust.optional(),
  /** Leaves out every passage that is more secret than this. */
  highestSecrecy: secrecy.optional(),
});
export type MemorySearchRequest = z.infer<typeof memorySearchRequest>;

/** A piece of a document as found by a search. It always carries the labels of the document it was cut from. */
export const memoryPassage = z.strictObject({
  passageId: digest,
  documentId: memoryDocumentId,
  title: z.string(),
  text: z.string(),
  source: label.shape.source,
  author: z.string(),
  /** When the document was written, as far as is known; else when it was ingested. */
  writtenAt: instant,
  trust,
  secrecy,
  /** The digest of the document this passage was cut from. */
  digest,
  /** Reciprocal rank fusion of both rankings: comparable within one answer only, higher is better. */
  score: z.number().positive(),
});
export type MemoryPassage = z.infer<typeof memoryPassage>;

/** A passage as a model is shown it and the log keeps it: without its score, which means nothing outside one answer. */
export const shownPassage = memoryPassage.omit({ score: true });
export type ShownPassage = z.infer<typeof shownPassage>;

export const memorySearchAnswer = z.strictObject({ passages: z.array(memoryPassage).max(memoryLimits.passages) });
export type MemorySearchAnswer = z.infer<typeof memorySearchAnswer>;

/** What a text came from: an address, or one document by its digest. */
export const memoryOrigin = z.union([z.strictObject({ source: label.shape.source }), z.strictObject({ digest })]);
export type MemoryOrigin = z.infer<typeof memoryOrigin>;

/** Asks which runs read an origin, by their ids, after one of them. */
export const memoryReadersRequest = z.strictObject({ tenant: tenantId, origin: memoryOrigin, after: runId.optional() });
export type MemoryReadersRequest = z.infer<typeof memoryReadersRequest>;

export const memoryReadersAnswer = z.strictObject({
  /** From which of its commits on the run holds what it read; `through` is the run that it has it from, where it was not shown it itself. */
  runs: z.array(z.strictObject({ runId, commit: z.number().int().positive(), through: runId.optional() })),
  /** What runs remembered afterwards. */
  derived: z.array(z.strictObject({ digest, scope: memoryScope, documentId: memoryDocumentId, runId })),
  /** There are more than one answer holds. */
  more: z.boolean(),
});
export type MemoryReadersAnswer = z.infer<typeof memoryReadersAnswer>;

/** Takes an origin, and what runs remembered after they had read it, out of memory for good; none of it can be ingested again. */
export const memoryRevokeRequest = z.strictObject({ tenant: tenantId, origin: memoryOrigin, by: z.string().min(1).max(256), reason: writtenText(memoryLimits.reason) });
export type MemoryRevokeRequest = z.infer<typeof memoryRevokeRequest>;

/** Who had read it, and how many documents this word took out of search. Repeated, it tells of runs whose reading was not in the log yet. */
export const memoryRevokeAnswer = memoryReadersAnswer.extend({ removed: z.number().int().nonnegative() });
export type MemoryRevokeAnswer = z.infer<typeof memoryRevokeAnswer>;

/** Removes documents with all their passages. Everything in a scope goes only when `all` is said in so many letters. */
export const memoryForgetRequest = z.strictObject({
  tenant: tenantId,
  scope: memoryScope,
  documents: z.union([z.literal('all'), z.array(memoryDocumentId).min(1).max(memoryLimits.forgottenDocuments)]),
});
export type MemoryForgetRequest = z.infer<typeof memoryForgetRequest>;

/** How many documents were there and are gone; forgetting twice is no error. */
export const memoryForgetAnswer = z.strictObject({ forgotten: z.number().int().nonnegative() });
export type MemoryForgetAnswer = z.infer<typeof memoryForgetAnswer>;
