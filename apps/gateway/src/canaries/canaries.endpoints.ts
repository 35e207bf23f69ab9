import { z } from 'zod';
import { agentName, canaryDeclaration, canaryEnd, canaryId, canaryVerdict, canaryWord, digest, evidencePoint, instant, metricEvidence } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';

export const canaryParameters = z.strictObject({ id: canaryId });

export const canarySummary = z.object({
  id: canaryId,
  agent: agentName,
  status: z.enum(['running', 'paused', 'promoted', 'rolled-back', 'inconclusive', 'aborted', 'superseded']).describe('`paused`: the candidate gets no new tasks, and what runs goes on and counts. `superseded`: somebody set another route of the agent, which stays.'),
  candidate: digest,
  incumbent: digest,
  percent: z.int().describe('Of the agent\'s new tasks, while it is running.'),
  declaredBy: z.string(),
  declaredAt: instant,
  pairs: z.int().describe('Pairs that were compared so far.'),
  candidateRuns: z.int(),
  incumbentRuns: z.int(),
  metrics: z.array(metricEvidence).describe('The evidence after the last pair. `harm` and `noHarm` are natural logarithms.'),
  thresholds: z.object({ harm: z.number(), noHarm: z.number() }).describe('Natural logarithms: rolled back when `harm` of any metric reaches the one, promoted when `noHarm` of every metric reaches the other.'),
  verdict: canaryVerdict.optional().describe('What the evidence said, once.'),
  end: canaryEnd.optional().describe('How it ended, and by whom; it is written before the route is moved.'),
});

export const canaryDetail = canarySummary.extend({
  declaration: canaryDeclaration,
  words: z.array(canaryWord).describe('What people said, in order; the latest hundred.'),
  evidence: z.array(evidencePoint).describe('The curve, by pairs: every one at first, and later each time there are a twentieth more; some two hundred at most.'),
});

export const canaryList = z.object({ canaries: z.array(canarySummary).describe('The latest first; the latest two hundred.') });
export const canaryComment = z.strictObject({ comment: z.string().max(4_000).default('') });

export const listCanaries: Endpoint = {
  id: 'listCanaries', method: 'GET', path: '/v1/canaries', role: 'viewer', status: 200,
  summary: 'Versions of agents on trial, and those that were.', answer: { 'application/json': canaryList },
};

export const getCanary: Endpoint = {
  id: 'getCanary', method: 'GET', path: '/v1/canaries/:id', role: 'viewer', status: 200, parameters: canaryParameters,
  summary: 'One canary: its declaration, what people said of it, and the curve of its evidence.', answer: { 'application/json': canaryDetail }, problems: [404],
};

export const declareCanary: Endpoint = {
  id: 'declareCanary', method: 'POST', path: '/v1/canaries', role: 'admin', status: 200,
  summary: 'Puts a version on trial: it gets a share of the agent\'s new tasks until evidence, or a person, ends it.',
  about: 'The incumbent is the version that gets all new tasks at present. It is rolled back, promoted or ended without a verdict by itself; docs/canaries.md tells how. An agent has one canary at a time. The same declaration again changes nothing.',
  body: { 'application/json': canaryDeclaration }, answer: { 'application/json': canaryDetail }, problems: [404, 409],
};

const word = (name: 'pause' | 'resume' | 'promote' | 'abort', summary: string, about?: string): Endpoint => ({
  id: `${name}Canary`, method: 'POST', path: `/v1/canaries/:id/${name}`, role: 'admin', status: 200, parameters: canaryParameters, summary, ...(about === undefined ? {} : { about }),
  body: { 'application/json': canaryComment }, answer: { 'application/json': canaryDetail }, problems: [404, 409],
});

export const pauseCanary = word('pause', 'Gives the candidate no new tasks until it is resumed.', 'What runs goes on, and counts: it can still be rolled back. A promotion waits.');
export const resumeCanary = word('resume', 'Gives the candidate its share of new tasks again.');
export const promoteCanary = word('promote', 'Gives the candidate all new tasks, whatever the evidence says, and ends the canary.');
export const abortCanary = word('abort', 'Ends the canary: the route is again what it was before.', 'Runs that the candidate has begun end on their version.');
