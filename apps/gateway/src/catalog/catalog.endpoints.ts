import { z } from 'zod';
import { agentDeclaration, toolContract } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';

export const agentList = z.object({ agents: z.array(agentDeclaration) });
export const toolList = z.object({ tools: z.array(toolContract) });

export const listAgents: Endpoint = {
  id: 'listAgents', method: 'GET', path: '/v1/agents', role: 'viewer', status: 200,
  summary: 'The agents that this installation declares.', answer: { 'application/json': agentList },
};

export const listTools: Endpoint = {
  id: 'listTools', method: 'GET', path: '/v1/tools', role: 'viewer', status: 200,
  summary: 'The tools that this installation declares, with their contracts.', answer: { 'application/json': toolList },
};
