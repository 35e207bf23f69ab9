import { z } from 'zod';
import { instant, personRole, tenantId } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';
import { apiRole } from './api-keys.js';

export const tellPrincipal: Endpoint = {
  id: 'tellPrincipal', method: 'GET', path: '/v1/principal', role: 'viewer', status: 200,
  summary: 'Whose key or token this is: the name under which answers are recorded, the tenant, and what it may do.',
  answer: {
    'application/json': z.object({
      name: z.string(),
      tenant: tenantId,
      roles: z.array(apiRole).describe('`admin` includes the others; every role may read.'),
      groups: z.array(personRole),
      expiresAt: instant.optional().describe('When a token ends; a key does not.'),
    }),
  },
};
