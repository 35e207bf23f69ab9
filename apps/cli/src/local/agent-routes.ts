import type { AgentDeclaration } from '@holdfast/contracts';
import { z } from 'zod';
import type { Gateway } from '../gateway.js';

/** By this comment our own routes are known from those that somebody set on purpose. */
const COMMENT = 'holdfast dev: the file changed';

const route = z.looseObject({ comment: z.string(), sequence: z.number(), shares: z.array(z.unknown()) });
const agent = z.looseObject({ name: z.string(), route: route.optional() });
const list = z.looseObject({ agents: z.array(agent) });

/** Publishes a version, and routes new tasks to it. */
export async function takeVersion(gateway: Gateway, { digest, ...declaration }: AgentDeclaration): Promise<void> {
  const path = `/v1/agents/${encodeURIComponent(declaration.name)}`;
  await gateway.post(`${path}/versions`, { declaration, dryRun: false }, z.unknown());
  await gateway.post(`${path}/route`, { shares: [{ digest, weight: 1 }], comment: COMMENT, seen: (await gateway.get(path, agent)).route?.sequence ?? 0, dryRun: false }, z.unknown());
}

/** Hands back to what is deployed what an earlier `holdfast dev` routed: the files may have changed since. */
export async function handBackRoutes(gateway: Gateway): Promise<void> {
  for (const { name, route: present } of (await gateway.get('/v1/agents', list)).agents) {
    if (present === undefined || present.comment !== COMMENT || present.shares.length === 0) continue;
    await gateway.post(`/v1/agents/${encodeURIComponent(name)}/route`, { shares: [], comment: 'holdfast: started with the files as they are', seen: present.sequence, dryRun: false }, z.unknown());
  }
}
