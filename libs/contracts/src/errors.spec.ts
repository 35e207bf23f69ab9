import { describe, expect, it } from '@jest/globals';
import { HoldfastError } from './errors.js';

describe('HoldfastError', () => {
  it('is plain data without its cause when it is serialised', () => {
    const error = new HoldfastError({ code: 'log.unavailable', message: 'No answer.', retryable: true, remedy: 'Wait.', cause: new Error('secret') });

    expect(JSON.parse(JSON.stringify(error))).toEqual({ code: 'log.unavailable', message: 'No answer.', retryable: true, remedy: 'Wait.' });
    expect(error.cause).toBeInstanceOf(Error);
  });
});
