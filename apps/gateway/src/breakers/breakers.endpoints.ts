import { z } from 'zod';
import { instant, toolName } from '@holdfast/contracts';
import type { Endpoint } from '../endpoints/endpoint.js';

export const toolBreaker = z.object({
  tool: toolName,
  state: z.enum(['closed', 'open', 'due', 'probing']).describe('`closed`: calls go through. `open`: the tool is left alone. `due`: the next call tries whether it answers again. `probing`: one call is trying.'),
  since: instant.describe('When it came to be so, by the broker\'s clock.'),
  until: instant.optional().describe('While it is `open`: until when the tool is left alone. While it is `probing`: when another worker may try, if nothing is heard of this one.'),
});

export const breakerList = z.object({ breakers: z.array(toolBreaker).describe('By the tool\'s name. A tool whose breaker nothing has moved in the last day is not listed: its calls go through.') });

export const listBreakers: Endpoint = {
  id: 'listBreakers', method: 'GET', path: '/v1/breakers', role: 'viewer', status: 200,
  summary: 'The circuit breakers of tools, which all workers share: which tools are left alone because they failed, and until when.',
  about: 'Why a breaker opened is in the log of the tools service and not here, since it may be told in the words of another tenant\'s call.',
  answer: { 'application/json': breakerList },
};
