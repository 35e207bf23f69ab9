import { describe, expect, it } from '@jest/globals';
import { NotFoundException } from '@nestjs/common';
import { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';
import { InvalidRequest, problem, problemHeaders, problemOf, publicError } from './problem.js';

describe('problems', () => {
  it('tell an error\'s code, whether to retry, and the remedy', () => {
    const shown = problemOf(new HoldfastError({ code: 'log.unavailable', message: 'No answer.', retryable: true, remedy: 'Wait.', cause: new Error('secret') }));

    expect(shown).toEqual({ type: 'urn:holdfast:problem:log.unavailable', title: 'Service Unavailable', status: 503, detail: 'No answer.', code: 'log.unavailable', retryable: true, remedy: 'Wait.' });
    expect(problem.strict().safeParse(shown).success).toBe(true);
    expect(problemHeaders(shown.status)).toMatchObject({ 'retry-after': '1' });
  });

  it('name every fault of a request by its JSON pointer', () => {
    const parsed = z.strictObject({ 'a/b': z.array(z.object({ c: z.number() })) }).safeParse({ 'a/b': [{ c: 1 }, { c: 'x' }], d: 1 });
    const shown = problemOf(InvalidRequest.from(parsed.error ?? new z.ZodError([])));

    expect([shown.status, shown.errors?.map((fault) => fault.pointer)]).toEqual([400, ['/a~1b/1/c', '']]);
  });

  it.each([
    [new Error('password is hunter2'), 500, 'gateway.internal'],
    ['thrown text', 500, 'gateway.internal'],
    [Object.assign(new Error('Body cannot be empty'), { statusCode: 400 }), 400, 'request.malformed'],
    [Object.assign(new Error('too large'), { statusCode: 413 }), 413, 'request.too-large'],
    [new NotFoundException('Cannot GET /x'), 404, 'route.unknown'],
    [new HoldfastError({ code: 'memory.embedder-changed', message: 'm', retryable: false, remedy: 'r' }), 500, 'memory.embedder-changed'],
  ])('show %p as %d', (error, status, code) => {
    const shown = problemOf(publicError(error));

    expect([shown.status, shown.code]).toEqual([status, code]);
    expect(JSON.stringify(shown)).not.toContain('hunter2');
  });
});
