import { z } from 'zod';
import { contractDifference, digest, instant, runId, toolContract, toolName } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';
import { UNTIL_READ } from '../runs/runs.endpoints.js';

export const toolStatus = z.enum(['healthy', 'changed', 'quarantined']).describe('`changed`: its server offers something else that breaks no call, and calls go on under the contract that counts. `quarantined`: it is not called, and calls of it are parked.');

export const toolList = z.object({ tools: z.array(toolContract.extend({ status: toolStatus })) });

export const toolDetail = z.object({
  name: toolName,
  status: toolStatus,
  contract: toolContract.describe('The one that counts: the catalogue\'s, or what a person accepted in its place.'),
  candidate: toolContract.optional().describe('What may be accepted. Absent when there is nothing to accept, as for a tool that is gone.'),
  differences: z.array(contractDifference).describe('How the candidate differs from the contract that counts, in words.'),
  reason: z.string().optional().describe('Why it is quarantined.'),
  accepted: z.object({ by: z.string(), comment: z.string(), at: instant, digest }).optional().describe('A person\'s last word about the tool.'),
  parked: z.array(z.object({ runId, callId: z.string() })).describe('Your calls that wait for it; at most 200.'),
});

export const toolParameters = z.strictObject({ name: toolName });
export const acceptance = z.strictObject({
  digest: digest.describe('Of the candidate that you have looked at; another one is not accepted by this.'),
  comment: z.string().max(4_000).default('').describe('Why it may count.'),
});

export const listTools: Endpoint = {
  id: 'listTools', method: 'GET', path: '/v1/tools', role: 'viewer', status: 200,
  summary: 'The tools of this installation, each with the contract that counts and how it stands.', answer: { 'application/json': toolList },
};

export const getTool: Endpoint = {
  id: 'getTool', method: 'GET', path: '/v1/tools/:name', role: 'viewer', status: 200, parameters: toolParameters,
  summary: 'How a tool stands: its contract, what its server offers instead, the difference in words, and the calls that wait for it.',
  about: UNTIL_READ, answer: { 'application/json': toolDetail }, problems: [404],
};

export const acceptTool: Endpoint = {
  id: 'acceptTool', method: 'POST', path: '/v1/tools/:name/accept', role: 'admin', status: 200, parameters: toolParameters,
  summary: 'Lets a tool\'s candidate count from now on, or says that its results are mended. Calls that are parked are judged by policy anew, and go on.',
  about: 'It counts for every tenant, in place of the catalogue\'s contract and until a catalogue with another one is deployed. Sent again it changes nothing.',
  body: { 'application/json': acceptance }, answer: { 'application/json': toolDetail }, problems: [404, 409, 422],
};
