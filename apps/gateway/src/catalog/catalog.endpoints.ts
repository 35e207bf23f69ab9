import { z } from 'zod';
import { agentDeclaration } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';

export const agentList = z.object({ agents: z.array(agentDeclaration) });

export const listAgents: Endpoint = {
  id: 'listAgents', method: 'GET', path: '/v1/agents', role: 'viewer', status: 200,
  summary: 'The agents that this installation declares.', answer: { 'application/json': agentList },
};
