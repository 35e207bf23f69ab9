import { describe, expect, it } from '@jest/globals';
import { APICallError, RetryError } from 'ai';
import { HoldfastError } from '@holdfast/contracts';
import { modelErrorOf } from './model-error.js';

const answered = (statusCode: number | undefined, headers: Record<string, string> = {}): APICallError =>
  new APICallError({ message: 'it said no', url: 'http://127.0.0.1/v1', requestBodyValues: { prompt: 'hidden' }, statusCode, responseHeaders: headers, responseBody: 'hidden' });

describe('what a model\'s failure means', () => {
  it('lets our own errors through as they are', () => {
    const own = new HoldfastError({ code: 'model.no-key', message: 'No key.', retryable: false, remedy: 'Set it.' });
    expect(modelErrorOf(own, 'm', 'p')).toBe(own);
  });

  it.each([[undefined, 'model.unreachable', true], [401, 'model.refused', false], [403, 'model.refused', false], [404, 'model.rejected', false], [408, 'model.unavailable', true], [429, 'model.rate-limited', true], [500, 'model.unavailable', true], [529, 'model.unavailable', true]])('status %s is %s, retryable: %s', (status, code, retryable) => {
    const error = modelErrorOf(new RetryError({ message: 'twice', reason: 'maxRetriesExceeded', errors: [new Error('first'), answered(status)] }), 'm', 'p');
    expect(error).toMatchObject({ code, retryable });
    expect(error.remedy).not.toBe('');
  });

  it.each([['2', 2_000], ['0.5', 500], ['86400', 60_000], ['soon', undefined], ['0', undefined], [new Date(0).toUTCString(), undefined], ['Fri, 01 Jan 2999 00:00:00 GMT', 60_000]])('a pause of "%s" is kept within a minute: %s ms', (header, expected) => {
    expect((modelErrorOf(answered(429, { 'retry-after': header }), 'm', 'p') as { retryAfterMs?: number }).retryAfterMs).toBe(expected);
  });

  it('keeps a pause in milliseconds before one in seconds', () => {
    expect(modelErrorOf(answered(429, { 'retry-after-ms': '30', 'retry-after': '7' }), 'm', 'p')).toMatchObject({ retryAfterMs: 30 });
  });

  it.each([[undefined], ['text'], [null], [{ strange: true }]])('whatever else is thrown (%j) is a failure that is tried again', (thrown) => {
    expect(modelErrorOf(thrown, 'm', 'p')).toMatchObject({ code: 'model.failed', retryable: true });
  });
});
