import { memoryFileRequest, memoryReadersAnswer, memoryRevokeAnswer, memoryRevokeRequest, digest, label, runId, memoryIngestAnswer, memoryIngestRequest, memoryOutcomeRequest, memorySearchAnswer, memorySearchRequest } from '@holdfast/contracts';
import { z } from 'zod';
import type { Endpoint } from '../endpoints/endpoint.js';

/** The tenant is the key's and cannot be chosen. */
export const ingestRequest = memoryIngestRequest.omit({ tenant: true });
export const fileRequest = memoryFileRequest.omit({ tenant: true });
export const outcomeRequest = memoryOutcomeRequest.omit({ tenant: true });
export const revokeRequest = memoryRevokeRequest.omit({ tenant: true, by: true });
/** One of both has to be there; query strings cannot say so. */
export const readersQuery = z.strictObject({ source: label.shape.source.optional(), digest: digest.optional(), after: runId.optional().describe('Runs are listed by their ids, after this one.') });
export const searchRequest = memorySearchRequest.omit({ tenant: true });

export const ingestDocument: Endpoint = {
  id: 'ingestDocument', method: 'POST', path: '/v1/memory/documents', role: 'operator', status: 200,
  summary: 'Puts a document into memory, or replaces it. Who ingests it must say how far it is to be trusted.',
  body: { 'application/json': ingestRequest }, answer: { 'application/json': memoryIngestAnswer }, problems: [413],
};

export const ingestFile: Endpoint = {
  id: 'ingestFile', method: 'POST', path: '/v1/memory/files', role: 'operator', status: 200,
  summary: 'Puts the text of a file into memory: plain text, Markdown, HTML or PDF.',
  about: 'What no reader of the file would see is left out, and the answer tells of it. A file that cannot be read leaves memory as it was.',
  body: { 'application/json': fileRequest }, answer: { 'application/json': memoryIngestAnswer }, problems: [413, 422],
};

export const ingestOutcome: Endpoint = {
  id: 'ingestOutcome', method: 'POST', path: '/v1/memory/outcomes', role: 'operator', status: 200,
  summary: 'Puts what a completed run answered into memory, labelled by what the run had read.',
  body: { 'application/json': outcomeRequest }, answer: { 'application/json': memoryIngestAnswer }, problems: [409, 413],
};

export const searchMemory: Endpoint = {
  id: 'searchMemory', method: 'POST', path: '/v1/memory/search', role: 'viewer', status: 200,
  summary: 'Finds passages by meaning and by words, each with the labels of its document.',
  body: { 'application/json': searchRequest }, answer: { 'application/json': memorySearchAnswer },
};

export const revokeOrigin: Endpoint = {
  id: 'revokeOrigin', method: 'POST', path: '/v1/memory/sources/revoke', role: 'operator', status: 200,
  summary: 'Takes a source, or a document by its digest, out of memory for good, and tells which runs had read it.',
  about: 'What runs remembered after they had read it is revoked with it. May be repeated: a run whose reading was not in the log yet is told then.',
  body: { 'application/json': revokeRequest }, answer: { 'application/json': memoryRevokeAnswer },
};

export const listReaders: Endpoint = {
  id: 'listReaders', method: 'GET', path: '/v1/memory/sources/readers', role: 'viewer', status: 200,
  summary: 'Which runs read a source, or a document by its digest, and what they remembered afterwards.',
  query: readersQuery, answer: { 'application/json': memoryReadersAnswer },
};
