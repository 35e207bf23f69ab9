import { describe, expect, it } from '@jest/globals';
import { memoryForgetRequest, memoryIngestRequest, memoryLimits, memorySearchRequest } from '@holdfast/contracts';
import { guideline } from './guidelines.fixture.js';
import { accepted } from './request-validation.js';

const ingestion = (changes: object) => ({ tenant: 'acme', scope: 'guidelines', document: { ...guideline('late-delivery'), ...changes } });
const question = { tenant: 'acme', scopes: ['guidelines'], query: 'late', limit: 3 };

describe('accepted', () => {
  it('lets a good request through as it is', () => {
    const request = ingestion({ metadata: { year: 2026, draft: false, owner: 'purchasing' }, source: 'urn:example:handbook' });

    expect(accepted(memoryIngestRequest, request)).toEqual(request);
    expect(accepted(memorySearchRequest, question)).toEqual(question);
  });

  it.each([
    ['text', 'is empty', { text: ' \n ' }],
    ['text', 'is too long', { text: 'a'.repeat(memoryLimits.text + 1) }],
    ['text', 'has a NUL character', { text: 'a\u0000b' }],
    ['text', 'has half a surrogate pair', { text: 'a\ud800b' }],
    ['title', 'has a NUL character', { title: '\u0000a' }],
    ['trust', 'is unknown', { trust: 'absolute' }],
    ['trust', 'is missing', { trust: undefined }],
    ['secrecy', 'is missing', { secrecy: undefined }],
    ['source', 'is no URI', { source: 'the handbook' }],
    ['documentId', 'has a wildcard', { documentId: 'a*' }],
    ['metadata', 'has too many entries', { metadata: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`name${index}`, index])) }],
    ['metadata', 'has a NUL character', { metadata: { owner: '\u0000' } }],
    ['document', 'has an unknown field', { label: 'x' }],
  ])('refuses a document whose %s %s, and names the field without its value', (field, _, changes) => {
    expect(() => accepted(memoryIngestRequest, ingestion(changes))).toThrow(
      expect.objectContaining({ code: 'memory.request-invalid', retryable: false, message: expect.stringMatching(new RegExp(`\\b${field}[.:a-zA-Z]*`)) }),
    );
  });

  it.each([
    ['no scope', { scopes: [] }],
    ['an empty query', { query: ' ' }],
    ['a NUL character in the query', { query: 'a\u0000' }],
    ['a query that is too long', { query: 'a'.repeat(memoryLimits.query + 1) }],
    ['a limit of 0', { limit: 0 }],
    ['a limit of 21', { limit: 21 }],
    ['a tenant with a dot', { tenant: 'a.b' }],
  ])('refuses a search with %s', (_, changes) => {
    expect(() => accepted(memorySearchRequest, { ...question, ...changes })).toThrow(expect.objectContaining({ code: 'memory.request-invalid' }));
  });

  it('refuses to forget unless it is said what', () => {
    expect(() => accepted(memoryForgetRequest, { tenant: 'acme', scope: 'guidelines' })).toThrow(expect.objectContaining({ code: 'memory.request-invalid' }));
    expect(() => accepted(memoryForgetRequest, { tenant: 'acme', scope: 'guidelines', documents: [] })).toThrow(expect.objectContaining({ code: 'memory.request-invalid' }));
  });
});
