import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@holdfast/deploy';
import type { Installation } from '../../installation/installation.ts';
import type { RunLoad } from '../../installation/run-load.ts';
import type { World } from '../../installation/world.ts';
import type { BenchmarkContext } from '../../suite/benchmark.ts';
import type { Figure } from '../../suite/figure.ts';

/** In this order; each is started again at once, as a supervisor would. */
const VICTIMS: readonly (ServiceName | 'broker')[] = ['planner', 'orchestrator', 'tool-adapters', 'tool-adapters', 'tool-adapters', 'broker'];
/** Load between two kills, so that the next falls into full work again. */
const BETWEEN_MS = 1_500;
/** The size that peers' doubled calls were counted at. */
const CALLS = 4_000;

/**
 * Keeps runs going whose calls act in the world, half of them under keys and half of them not, kills one process after
 * another with SIGKILL meanwhile, and lets every run end. The world says what happened twice.
 */
export async function measureKilledLoad(context: BenchmarkContext, installation: Installation, load: RunLoad, world: World): Promise<readonly Figure[]> {
  const { concurrency, steps, scale } = context.options;
  const before = await world.audit();
  const begun = performance.now();
  const enough = new AbortController();
  const half = Math.max(1, Math.floor(concurrency / 2));
  const endedBefore = load.ended;
  const keeping = Promise.all([load.keep(half, { steps, tool: 'pay' }, enough.signal), load.keep(half, { steps, tool: 'book' }, enough.signal)]);
  for (const victim of scale < 0.2 ? VICTIMS.slice(1, 3) : VICTIMS) {
    await sleep(Math.max(300, BETWEEN_MS * scale));
    context.progress(`SIGKILL to ${victim}`);
    await installation.stack.kill(victim);
    await installation.stack.start(victim);
  }
  while ((load.ended - endedBefore) * steps < CALLS * scale && !context.signal.aborted) await sleep(100);
  enough.abort();
  const runs = await keeping;
  const { pay, book } = await world.audit();
  const [payCalls, bookCalls] = runs.map((count) => count * steps);
  const calls = (payCalls ?? 0) + (bookCalls ?? 0);
  context.progress(`${calls} calls in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  const doubled = pay.doubled + book.doubled - before.pay.doubled - before.book.doubled;
  const missing = calls - (pay.operations + book.operations - before.pay.operations - before.book.operations);
  return [
    { id: 'calls_under_kills', title: 'calls made under kills, half of them keyed, half reconcilable', value: calls, unit: '' },
    { id: 'calls_doubled', title: 'of them doubled, as the world counts', value: doubled, unit: '', target: { of: 'value', atMost: 0 } },
    { id: 'calls_missing', title: 'of them never made, though the run says so', value: missing, unit: '', target: { of: 'value', atMost: 0 } },
    { id: 'keyed_requests_repeated', title: 'keyed requests sent again under their key, which the world did once', value: pay.repeated - before.pay.repeated, unit: '' },
  ];
}
