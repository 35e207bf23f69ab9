import { measureAppends } from './parts/appends.ts';
import { measureDecisions } from './parts/decisions.ts';
import { measureHop } from './parts/hop.ts';
import { startInstallation } from '../installation/installation.ts';
import type { Benchmark } from '../suite/benchmark.ts';

/** The parts of a step, each alone against its bare means: where a step's time goes is their sum and what is between. */
export const parts: Benchmark = {
  name: 'parts',
  about: 'append, request and reply, and policy, each over its bare means',
  limitSeconds: 90,
  async run(context) {
    const installation = await startInstallation(context, { services: ['policy'] });
    const figures = [];
    for (const measure of [measureAppends, measureHop, measureDecisions]) figures.push(...(await measure(context, installation)));
    return figures;
  },
};
