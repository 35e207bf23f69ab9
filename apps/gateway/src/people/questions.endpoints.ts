import { z } from 'zod';
import { instant, question, runId } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';
import { UNTIL_READ, runParameters } from '../runs/runs.endpoints.js';
import { factStored, waitingQuery } from './people.endpoints.js';

const openQuestion = question.extend({ runId, callId: z.string(), agent: z.string(), goal: z.string(), askedAt: instant, until: instant.optional() });
export const questionList = z.object({ questions: z.array(openQuestion), more: z.boolean().describe('True when further runs wait.') });
export type OpenQuestion = z.infer<typeof openQuestion>;

export const questionParameters = runParameters.extend({ callId: z.string().min(1).max(64) });
export const questionAnswer = z.strictObject({ answer: z.string().min(1).max(20_000) });

export const listQuestions: Endpoint = {
  id: 'listQuestions', method: 'GET', path: '/v1/questions', role: 'viewer', status: 200, query: waitingQuery,
  summary: 'Questions that agents ask people, oldest first. They are written by models: nobody should answer with a password or a key.',
  about: `Covers every run that has not ended. ${UNTIL_READ}`,
  answer: { 'application/json': questionList },
};

export const answerQuestion: Endpoint = {
  id: 'answerQuestion', method: 'POST', path: '/v1/runs/:runId/questions/:callId', role: 'operator', status: 202, parameters: questionParameters,
  summary: 'Answers a question. The run goes on with it; what the requester answers counts as the requester\'s own words, and what others do as a colleague\'s.',
  body: { 'application/json': questionAnswer }, answer: { 'application/json': factStored }, problems: [404, 409, 422],
};
