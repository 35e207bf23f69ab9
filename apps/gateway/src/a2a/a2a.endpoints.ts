import { z } from 'zod';
import type { Endpoint } from '../endpoints/endpoint.js';

export const describeAgent: Endpoint = {
  id: 'describeAgent', method: 'GET', path: '/.well-known/agent-card.json', role: 'viewer', status: 200,
  summary: 'The agent card of the Agent2Agent protocol: the types of tasks that are taken, as skills.',
  answer: { 'application/json': z.unknown() },
};

export const callAgent: Endpoint = {
  id: 'callAgent', method: 'POST', path: '/a2a', role: 'viewer', status: 200,
  summary: 'The Agent2Agent protocol 1.0 over JSON-RPC: a task is a run, and a context is a thread.',
  about: 'Every message goes through this API as a request of the same key, and needs the roles that the request needs. Streams are server-sent events.',
  body: { 'application/json': z.unknown() }, answer: { 'application/json': z.unknown(), 'text/event-stream': z.string() }, problems: [413, 415],
};
