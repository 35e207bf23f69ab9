import { z } from 'zod';
import { adapterName } from '@holdfast/contracts';
import { commonSettings, fileSetting } from '@holdfast/service';

export const toolAdapterSettings = commonSettings.extend({
  /** A module that exports `tools`; see `ToolModule`. Its own settings are read from the same environment. */
  HOLDFAST_TOOLS: fileSetting,
  /** The calls that this process works on: those routed to `call.<adapter>`. */
  HOLDFAST_ADAPTER: adapterName.default('default'),
  /** Public keys of policy: SPKI in PEM, or a JSON Web Key Set. */
  HOLDFAST_PERMIT_PUBLIC_KEYS_FILE: fileSetting,
  /** Calls of one partition in hand at once. */
  HOLDFAST_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(32),
  /** Between two looks at the contracts that servers describe; those that tell of a change are looked at at once. */
  HOLDFAST_CONTRACTS_SECONDS: z.coerce.number().int().min(1).max(86_400).default(60),
});
export type ToolAdapterSettings = z.infer<typeof toolAdapterSettings>;
