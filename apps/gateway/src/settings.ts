import { z } from 'zod';
import { commonSettings, fileSetting } from '@holdfast/service';

export const gatewaySettings = commonSettings.extend({
  /** The catalogue of agents and tools. */
  HOLDFAST_CATALOG: fileSetting,
  /** The API keys' file: names, tenants, roles and hashes; see `edge/api-keys.ts`. */
  HOLDFAST_API_KEYS_FILE: fileSetting,
  /** The issuers whose tokens are accepted beside keys, see `edge/identity/issuers.ts`; none when left out. */
  HOLDFAST_ISSUERS_FILE: fileSetting.optional(),
  /** Task events in hand at once. */
  HOLDFAST_INTAKE_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(64),
  /** Tasks of one tenant that may wait for the orchestrator; more are turned away (HTTP 429) or wait in TASKS. */
  HOLDFAST_TENANT_TASKS: z.coerce.number().int().min(1).max(1_000_000).default(2_000),
  /** Tasks that may wait in all; more are turned away (HTTP 503) or wait in TASKS. */
  HOLDFAST_WAITING_TASKS: z.coerce.number().int().min(1).max(1_000_000).default(20_000),
  /** Ended runs that lists remember, beside all that have not ended; others can still be read by id. */
  HOLDFAST_INDEXED_RUNS: z.coerce.number().int().min(1).max(10_000_000).default(20_000),
  /** Live event streams that are open at once, over all tenants. */
  HOLDFAST_MAXIMUM_STREAMS: z.coerce.number().int().min(1).max(100_000).default(500),
});
export type GatewaySettings = z.infer<typeof gatewaySettings>;
