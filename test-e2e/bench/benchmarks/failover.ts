import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@holdfast/deploy';
import { killAll } from '../installation/all-services.ts';
import { startInstallation } from '../installation/installation.ts';
import { beginEndless, watchMovement } from '../installation/movement.ts';
import { RunLoad } from '../installation/run-load.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import type { Figure } from '../suite/figure.ts';

const RUNS = 200;
const LIMIT_MS = 20_000;
const BETWEEN_MS = 1_500;

type Victim = Extract<ServiceName, 'planner' | 'orchestrator' | 'tool-adapters'> | 'broker';

/** Which commits show that a victim's kind of work goes on. */
const SHOWS: Readonly<Record<Victim, (route: string) => boolean>> = {
  planner: (route) => route.startsWith('call.'),
  'tool-adapters': (route) => route === 'plan',
  orchestrator: () => true,
  broker: () => true,
};

/**
 * 200 runs in flight on two processes of each worker, as whoever cares about failover runs them. One of the two is
 * killed with SIGKILL, and the clock runs until the last of the 200 runs has moved on. The floor is the same wait with
 * nothing killed: with 200 runs, each gets its turn only now and then.
 */
export const failover: Benchmark = {
  name: 'failover',
  about: 'time until 200 runs in flight have moved on after the kill of a worker, and of the broker',
  limitSeconds: 120,
  async run(context) {
    const installation = await startInstallation(context, { instances: { planner: 2, orchestrator: 2, 'tool-adapters': 2 } });
    const { stack } = installation;
    // Runs that never end need no grace when all is over.
    context.defer(() => killAll(stack));
    const load = await RunLoad.start(installation);
    const count = Math.max(8, Math.round(RUNS * context.options.scale));
    context.progress(`beginning ${count} runs`);
    const runs = await beginEndless(load, count, context.signal);
    const figures: Figure[] = [];
    for (const victim of ['planner', 'tool-adapters', 'orchestrator', 'broker'] as const) {
      await sleep(BETWEEN_MS * Math.max(0.2, context.options.scale));
      const undisturbed = await watchMovement(load, runs, SHOWS[victim], performance.now(), LIMIT_MS);
      context.progress(`SIGKILL to ${victim}`);
      await stack.kill(victim);
      const watching = watchMovement(load, runs, SHOWS[victim], performance.now(), LIMIT_MS);
      const started = victim === 'broker' ? stack.start(victim) : undefined;
      const { p50, all, stuck } = await watching;
      // The successor comes back only afterwards: what is measured is that the other one takes over.
      await (started ?? stack.start(victim)).catch((error: unknown) => context.progress(`${victim} did not come back: ${String(error)}`));
      const id = victim.replace('-', '_');
      figures.push(
        { id: `${id}_all_ms`, title: `SIGKILL to ${victim}: until all ${count} runs have moved on${stuck === 0 ? '' : ` (${stuck} had not)`}`, value: all, unit: 'ms', floor: undisturbed.all, floorTitle: 'nothing killed', target: { of: 'value', atMost: 1_000 } },
        { id: `${id}_p50_ms`, title: '  until half of them have', value: p50, unit: 'ms', floor: undisturbed.p50, floorTitle: 'nothing killed' },
      );
    }
    load.stop();
    return figures;
  },
};
