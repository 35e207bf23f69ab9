import { z } from 'zod';
import { agentDeclaration, agentName, agentRevocation, agentRoute, digest, instant } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';
import { UNTIL_READ } from '../runs/runs.endpoints.js';

const dryRun = z.boolean().default(false).describe('Checks everything and changes nothing.');
const percent = z.number().describe('Of the agent\'s new tasks, as far as they are of a type that the version takes.');

export const agentSummary = z.object({
  name: agentName,
  deployed: digest.optional().describe('The version that the catalogue declares: it takes all new tasks where nobody has set a route.'),
  route: agentRoute.extend({ sequence: z.int().describe('Names this route; give it as `seen` when you replace it.') }).optional().describe('What somebody said last about which versions new tasks get.'),
  versions: z.array(z.object({
    digest,
    by: z.string().describe('Who published it; `deployment` for what a catalogue declares.'),
    publishedAt: instant.optional(),
    percent,
    running: z.int().describe('Your runs that began with it and have not ended.'),
    revoked: agentRevocation.optional().describe('Its runs may call nothing more.'),
  })).describe('In the order in which they were published.'),
});

export const agentList = z.object({ agents: z.array(agentSummary) });
export const agentParameters = z.strictObject({ name: agentName });
export const versionParameters = z.strictObject({ name: agentName, digest });
export const versionDetail = z.object({ declaration: agentDeclaration, revoked: agentRevocation.optional() });

export const publication = z.strictObject({ declaration: agentDeclaration.omit({ digest: true }).describe('The digest follows from it.'), dryRun });
export const published = z.object({ name: agentName, digest, status: z.enum(['published', 'known', 'checked']).describe('`known`: the very same version was there already. `checked`: it was a dry run, and it could be published.') });

export const routing = z.strictObject({
  shares: agentRoute.shape.shares.describe('Versions and their weights, such as 90 and 10. None hand the agent back to what is deployed.'),
  comment: agentRoute.shape.comment.default(''),
  seen: z.int().nonnegative().optional().describe('The `sequence` of the route that this replaces, 0 where there is none: another one is not replaced.'),
  dryRun,
});
export const routed = z.object({
  name: agentName,
  dryRun: z.boolean(),
  sequence: z.int().optional().describe('Of the route that counts now; absent after a dry run.'),
  changes: z.array(z.object({ digest, before: percent, after: percent })).describe('Each version that gets new tasks now or did before.'),
});

export const revoking = z.strictObject({ reason: agentRevocation.shape.reason, dryRun });
export const revoked = z.object({ name: agentName, digest, dryRun: z.boolean(), revoked: agentRevocation, running: z.int().describe('Your runs of it that have not ended: what they ask for from now on is denied.') });

export const listAgents: Endpoint = {
  id: 'listAgents', method: 'GET', path: '/v1/agents', role: 'viewer', status: 200,
  summary: 'The agents of this installation: their versions, which of them new tasks get, and how many of your runs each has.', about: UNTIL_READ, answer: { 'application/json': agentList },
};

export const getAgent: Endpoint = {
  id: 'getAgent', method: 'GET', path: '/v1/agents/:name', role: 'viewer', status: 200, parameters: agentParameters,
  summary: 'One agent, as in the list.', about: UNTIL_READ, answer: { 'application/json': agentSummary }, problems: [404],
};

export const getAgentVersion: Endpoint = {
  id: 'getAgentVersion', method: 'GET', path: '/v1/agents/:name/versions/:digest', role: 'viewer', status: 200, parameters: versionParameters,
  summary: 'What a version declares: its instructions, its tools and all else that its runs go by.', answer: { 'application/json': versionDetail }, problems: [404],
};

export const publishAgent: Endpoint = {
  id: 'publishAgent', method: 'POST', path: '/v1/agents/:name/versions', role: 'admin', status: 200, parameters: agentParameters,
  summary: 'Publishes a version. No task gets it until a route says so.',
  about: 'A version is never changed, and the same one again changes nothing. What the policies do not allow the agent by its name, no version of it may do.',
  body: { 'application/json': publication }, answer: { 'application/json': published }, problems: [422],
};

export const routeAgent: Endpoint = {
  id: 'routeAgent', method: 'POST', path: '/v1/agents/:name/route', role: 'admin', status: 200, parameters: agentParameters,
  summary: 'Says which versions of an agent new tasks get, by weight. Runs keep the version that they began with.',
  about: 'It counts for every tenant, and stays as it is when other versions are deployed.',
  body: { 'application/json': routing }, answer: { 'application/json': routed }, problems: [404, 409],
};

export const revokeAgent: Endpoint = {
  id: 'revokeAgent', method: 'POST', path: '/v1/agents/:name/versions/:digest/revoke', role: 'admin', status: 200, parameters: versionParameters,
  summary: 'Revokes a version, for good: no run begins with it, and whatever its runs ask for is denied with the reason.',
  about: 'Calls that are out are not called back. Where a run is aborted, what it did can still be undone. Sent again it changes nothing.',
  body: { 'application/json': revoking }, answer: { 'application/json': revoked }, problems: [404],
};
