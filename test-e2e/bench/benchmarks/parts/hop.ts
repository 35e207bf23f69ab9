import { z } from 'zod';
import type { Installation } from '../../installation/installation.ts';
import { roleBus } from '../../installation/role-bus.ts';
import type { BenchmarkContext } from '../../suite/benchmark.ts';
import type { Figure } from '../../suite/figure.ts';
import { inTurn } from './in-turn.ts';

const COUNT = 1_000;
const shape = z.object({ text: z.string() });

/** A question from one role to another and its answer, through accounts and imports, over the same between two bare clients. */
export async function measureHop(context: BenchmarkContext, installation: Installation): Promise<readonly Figure[]> {
  context.progress('request and reply');
  const asker = await roleBus(context, installation, 'gateway');
  const served = await roleBus(context, installation, 'memory');
  served.serve('memory.search', shape, async (question) => question);
  const responder = await installation.connect('CORE');
  responder.subscribe('bare.echo', { callback: (_error, message) => void message.respond(message.data) });
  await responder.flush();
  const question = { text: 'x'.repeat(500) };
  const text = JSON.stringify(question);
  const { value, floor } = await inTurn(Math.ceil(COUNT * context.options.scale), () => asker.request('memory.search', question, shape), () => installation.core.request('bare.echo', text));
  return [{ id: 'hop_ms', title: 'request and answer between two roles', value, unit: 'ms', floor, floorTitle: 'between two bare clients' }];
}
