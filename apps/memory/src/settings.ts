import { z } from 'zod';
import { memoryScope, tenantId } from '@holdfast/contracts';
import { commonSettings } from '@holdfast/service';

export const memorySettings = commonSettings.extend({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address'),
  /** A folder of Markdown documents that is ingested at every start; unchanged ones cost a look-up. */
  HOLDFAST_MEMORY_SEED: z.string().min(1).optional(),
  HOLDFAST_MEMORY_SEED_TENANT: tenantId.default('default'),
  HOLDFAST_MEMORY_SEED_SCOPE: memoryScope.default('default'),
  /** How long documents are kept, by scope: `notes=30,mail=365` in days from their ingestion. Of other scopes they are kept for ever. */
  HOLDFAST_MEMORY_RETENTION: z.string().default('').transform((text) => text.split(',').map((entry) => entry.trim()).filter((entry) => entry !== '').map((entry) => {
    const [name, days] = entry.split('=');
    return { scope: name ?? '', days: Number(days) };
  })).pipe(z.array(z.strictObject({ scope: memoryScope, days: z.number('must be "scope=days" entries with commas between them').int().min(1).max(36_500) }))),
  /** The embedding model: `offline`, `<provider>/<model>` of the AI SDK, or `compatible/<model>` of a server that speaks like OpenAI. */
  HOLDFAST_EMBEDDER: z.string().min(1).default('offline'),
  /** Length of its vectors, which is needed for all but `offline`. pgvector's index takes at most 2,000. */
  HOLDFAST_EMBEDDER_DIMENSIONS: z.coerce.number().int().min(1).max(2_000).optional(),
  HOLDFAST_EMBEDDER_URL: z.url().optional(),
  HOLDFAST_EMBEDDER_KEY_FILE: z.string().min(1).optional(),
  HOLDFAST_EMBEDDER_KEY: z.string().min(1).optional(),
});
export type MemorySettings = z.infer<typeof memorySettings>;
