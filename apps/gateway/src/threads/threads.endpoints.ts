import { z } from 'zod';
import { threadAnswer, threadId, threadPage, threadProjectionAnswer } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';

export const threadParameters = z.strictObject({ thread: threadId });
export const threadQuery = z.strictObject({ offset: z.coerce.number().int().nonnegative().default(0).describe(`From which turn on, counted from 0; an answer has up to ${threadPage.turns}.`) });

export const getThread: Endpoint = {
  id: 'getThread', method: 'GET', path: '/v1/threads/:thread', role: 'viewer', status: 200, parameters: threadParameters, query: threadQuery,
  summary: 'The turns of a thread, oldest first: who asked what, what was answered, and what each text is worth.',
  about: 'Holds everything that was in the log when it was asked for. Long texts are cut, and secret ones left out; the runs have them whole.',
  answer: { 'application/json': threadAnswer },
};

export const getThreadProjection: Endpoint = {
  id: 'getThreadProjection', method: 'GET', path: '/v1/memory/threads', role: 'admin', status: 200,
  summary: 'Where the projection of threads stands, with a checksum over all of it.', answer: { 'application/json': threadProjectionAnswer },
};

export const rebuildThreads: Endpoint = {
  id: 'rebuildThreads', method: 'POST', path: '/v1/memory/threads/rebuild', role: 'admin', status: 202,
  summary: 'Forgets the projection of threads; it is made again from the log, with the same content.',
  about: 'Answers when it has begun; a thread that is asked for meanwhile waits, or is answered 503. It may be repeated at any time.',
  answer: { 'application/json': threadProjectionAnswer },
};
