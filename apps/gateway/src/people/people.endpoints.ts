import { z } from 'zod';
import { runId } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';
import { runApproval } from '../runs/run-detail.js';
import { UNTIL_READ, runParameters } from '../runs/runs.endpoints.js';

export const waitingQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50).describe('Runs that are looked at, those changed last first.') });
export const waitingApproval = runApproval.omit({ answer: true }).extend({ runId, agent: z.string(), goal: z.string() });
export const waitingList = z.object({ approvals: z.array(waitingApproval), more: z.boolean().describe('True when further runs wait.') });

export const approvalParameters = runParameters.extend({ approvalId: z.string().min(1).max(128) });
const comment = z.string().max(4_000).default('');
export const approvalAnswer = z.discriminatedUnion('answer', [
  z.strictObject({ answer: z.enum(['approved', 'rejected']), comment }),
  z.strictObject({ answer: z.literal('edited'), comment, arguments: z.record(z.string(), z.unknown()).describe('All arguments that the call is to be made with. Whoever changes a value vouches for it.') }),
  z.strictObject({ answer: z.literal('endorsed'), comment, endorse: z.array(z.string().max(512)).min(1).max(256).describe('Dotted paths of arguments, such as `to.0`, whose values are vouched for in calls of this tool for the rest of the run.') }),
]);

export const controlRequest = z.strictObject({ reason: z.string().max(4_000).default('') });
export const signalParameters = runParameters.extend({ name: z.string().min(1).max(128) });

export const factStored = z.object({
  runId,
  factId: z.string().describe('The same fact sent again takes effect once.'),
  duplicate: z.boolean().describe('True when the broker or the run had this fact already.'),
});

/** Names a request that may be repeated, as the IETF's Idempotency-Key draft has it. */
export const idempotencyKey = { 'Idempotency-Key': 'Requests with the same key by the same caller are one; without it each request counts.' };

export const listApprovals: Endpoint = {
  id: 'listApprovals', method: 'GET', path: '/v1/approvals', role: 'viewer', status: 200, query: waitingQuery,
  summary: 'Calls that wait for a person, with the arguments, where they came from, and why they need one.',
  about: `Covers every run that has not ended. ${UNTIL_READ}`,
  answer: { 'application/json': waitingList },
};

export const answerApproval: Endpoint = {
  id: 'answerApproval', method: 'POST', path: '/v1/runs/:runId/approvals/:approvalId', role: 'approver', status: 202, parameters: approvalParameters,
  summary: 'Approves or rejects one call, changes what it is made with, or vouches for values in it. The answer is recorded under the key\'s name and works once.',
  about: 'A call that was edited or endorsed is judged anew: it runs when nothing stands in its way any more, and is asked about again otherwise. Where two people have to agree, each answers once.',
  body: { 'application/json': approvalAnswer }, answer: { 'application/json': factStored }, problems: [404, 409],
};

function control(action: 'cancel' | 'abort' | 'pause' | 'resume', summary: string): Endpoint {
  return {
    id: `${action}Run`, method: 'POST', path: `/v1/runs/:runId/${action}`, role: 'operator', status: 202, parameters: runParameters, summary,
    headers: idempotencyKey, body: { 'application/json': controlRequest }, answer: { 'application/json': factStored }, problems: [404, 409],
  };
}

export const cancelRun = control('cancel', 'Ends a run: nothing more is sent, and calls that are out are accounted for first.');
export const abortRun = control('abort', 'Ends a run as a cancellation does, and then undoes its completed effects, the last first. Each undoing is a call of its own, judged and recorded; what could not be undone is in `undone.failed` of the run and in its reason.');
export const pauseRun = control('pause', 'Halts a run: nothing more is sent until it is resumed.');
export const resumeRun = control('resume', 'Continues a paused run.');

export const signalRun: Endpoint = {
  id: 'signalRun', method: 'POST', path: '/v1/runs/:runId/signals/:name', role: 'operator', status: 202, parameters: signalParameters,
  summary: 'Tells a run something. The body is any JSON and becomes the signal\'s payload.',
  headers: idempotencyKey, body: { 'application/json': z.unknown() }, answer: { 'application/json': factStored }, problems: [404, 409, 413],
};
