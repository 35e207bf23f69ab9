import { z } from 'zod';
import { commonSettings, fileSetting } from '@holdfast/service';

export const orchestratorSettings = commonSettings.extend({
  /** The catalogue of agents and tools. */
  HOLDFAST_CATALOG: fileSetting,
  /** Facts of runs in hand at once. */
  HOLDFAST_CONCURRENCY: z.coerce.number().int().min(1).max(10_000).default(128),
});
export type OrchestratorSettings = z.infer<typeof orchestratorSettings>;
