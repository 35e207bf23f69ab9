import { z } from 'zod';
import { memoryScope, tenantId } from '@holdfast/contracts';
import { commonSettings } from '@holdfast/service';

export const memorySettings = commonSettings.extend({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address'),
  /** A folder of Markdown documents that is ingested at every start; unchanged ones cost a look-up. */
  HOLDFAST_MEMORY_SEED: z.string().min(1).optional(),
  HOLDFAST_MEMORY_SEED_TENANT: tenantId.default('default'),
  HOLDFAST_MEMORY_SEED_SCOPE: memoryScope.default('default'),
});
export type MemorySettings = z.infer<typeof memorySettings>;
