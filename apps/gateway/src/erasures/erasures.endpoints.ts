import { z } from 'zod';
import { dataSubject, erasureAnswer, instant } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';

export const eraseRequest = z.strictObject({ dataSubject, reason: z.string().min(1).max(4_000).describe('Why, for whoever asks later; no personal data should be in it.') });

export const erased = erasureAnswer.extend({ at: instant.describe('Everything that came before this instant is erased.') });

export const eraseSubject: Endpoint = {
  id: 'eraseSubject', method: 'POST', path: '/v1/erasures', role: 'admin', status: 200,
  summary: 'Erases what memory holds of a data subject: documents in all versions, what runs remembered of them, and the texts of their turns in threads.',
  about: 'The order is durable before anything is erased, later runs of a thread are not told of what was erased, and no rebuild brings it back. THE LOG ITSELF STILL HOLDS what was said (ADR 0029), as do backups of the database. May be repeated.',
  body: { 'application/json': eraseRequest }, answer: { 'application/json': erased },
};
