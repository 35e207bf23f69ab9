import { z } from 'zod';
import type { Endpoint } from '../endpoints/endpoint.js';

export const callMcp: Endpoint = {
  id: 'callMcp', method: 'POST', path: '/mcp', role: 'viewer', status: 200,
  summary: 'The Model Context Protocol over streamable HTTP: starts tasks, shows runs and answers what waits, as tools of an assistant.',
  about: 'A tool is an endpoint of this API under its own name, and is judged as a request of the same key would be; those that its roles do not open are not listed. There is no session.',
  body: { 'application/json': z.unknown() }, answer: { 'application/json': z.unknown() }, problems: [406, 413, 415],
};

export const streamMcp: Endpoint = {
  id: 'streamMcp', method: 'GET', path: '/mcp', role: 'viewer', status: 200,
  summary: 'Refused: this server of the Model Context Protocol sends nothing unasked.', answer: { 'application/json': z.unknown() }, problems: [405],
};
