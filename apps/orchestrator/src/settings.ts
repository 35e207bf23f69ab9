import { z } from 'zod';
import { commonSettings, fileSetting } from '@holdfast/service';

export const orchestratorSettings = commonSettings.extend({
  /** The catalogue of agents and tools. */
  HOLDFAST_CATALOG: fileSetting,
  /** Facts of runs in hand at once. */
  HOLDFAST_CONCURRENCY: z.coerce.number().int().min(1).max(10_000).default(128),
  /** Runs that may be worked on at once, over all partitions; while there are more, new ones begin only in fairness. Parked runs do not count. */
  HOLDFAST_ACTIVE_RUNS: z.coerce.number().int().min(1).max(1_000_000).default(4_096),
  /** Megabytes of memory for the runs that are being worked on; runs that wait are not held. */
  HOLDFAST_CACHE_MB: z.coerce.number().int().min(1).max(65_536).default(64),
});
export type OrchestratorSettings = z.infer<typeof orchestratorSettings>;
