import { z } from 'zod';
import type { Endpoint } from './endpoint.js';

export const describeApi: Endpoint = {
  id: 'describeApi', method: 'GET', path: '/v1/openapi.json', role: 'viewer', status: 200,
  summary: 'This description.', answer: { 'application/json': z.record(z.string(), z.unknown()) },
};
