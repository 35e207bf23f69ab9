import { z } from 'zod';
import { deadLetter } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';

export const deadLetterQuery = z.strictObject({
  after: z.coerce.number().int().nonnegative().default(0).describe('The sequence of the last letter of the page before.'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

export const deadLetterList = z.object({ letters: z.array(deadLetter.extend({ sequence: z.int() })) });

export const listDeadLetters: Endpoint = {
  id: 'listDeadLetters', method: 'GET', path: '/v1/dead-letters', role: 'operator', status: 200, query: deadLetterQuery,
  summary: 'What could not be processed, oldest first, with the reason and what to do. Empty at the end.',
  answer: { 'application/json': deadLetterList },
};
