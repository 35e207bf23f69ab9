import { z } from 'zod';
import type { Endpoint } from '../endpoints/endpoint.js';
import { runParameters } from '../runs/runs.endpoints.js';
import { runVerification, verificationPage } from './verification.schema.js';

export const verificationQuery = z.strictObject({ cursor: z.string().regex(/^\d{1,4}\.\d{1,16}$/).optional().describe('The `next` of the part before.') });

export const verifyRunById: Endpoint = {
  id: 'verifyRun', method: 'GET', path: '/v1/runs/:runId/verification', role: 'viewer', status: 200, parameters: runParameters,
  summary: 'Whether a run\'s log is sound: hashes, numbers and links as they are stored, states and checkpoints folded anew, a verdict before each call, and every permit.',
  about: 'Permits are checked by the keys in HOLDFAST_PERMIT_PUBLIC_KEYS_FILE of the gateway, which must hold the keys of former times too. A run that is erased is checked without what it said.',
  answer: { 'application/json': runVerification }, problems: [404],
};

export const verifyLogPage: Endpoint = {
  id: 'verifyLog', method: 'GET', path: '/v1/verification', role: 'viewer', status: 200, query: verificationQuery,
  summary: 'A part of the log, checked as `verifyRun` does: all of the tenant\'s runs that begin there, and gaps in the stream.',
  about: 'Follow `next` until there is none. Each part is of bounded size and needs nothing of the one before.',
  answer: { 'application/json': verificationPage },
};
