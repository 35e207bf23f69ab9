import { z } from 'zod';
import { dataSubject, erasureAnswer, instant } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';

export const eraseRequest = z.strictObject({ dataSubject, reason: z.string().min(1).max(4_000).describe('Why, for whoever asks later; no personal data should be in it.') });

export const erased = erasureAnswer.extend({
  log: z.enum(['erased', 'pending']).describe('Whether what runs about the data subject said can still be read in the log: `pending` while such runs are being ended, which may take five minutes.'),
  at: instant.describe('Everything that came before this instant is erased.'),
});

export const eraseSubject: Endpoint = {
  id: 'eraseSubject', method: 'POST', path: '/v1/erasures', role: 'admin', status: 200,
  summary: 'Erases what is known of a data subject: in memory documents in all versions, what runs remembered of them, and the texts of their turns in threads; in the log everything that runs about them said.',
  about: 'The order is durable before anything is erased. Runs about the data subject that have not ended are cancelled; then their key is deleted, and nobody can read any more what they said. The log can still be checked. Later runs of a thread are not told of what was erased, and no rebuild brings it back. Backups, and what is listed in ADR 0029, still hold what was said. May be repeated.',
  body: { 'application/json': eraseRequest }, answer: { 'application/json': erased },
};
