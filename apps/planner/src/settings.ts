import { z } from 'zod';
import { commonSettings, fileSetting } from '@holdfast/service';

export const plannerSettings = commonSettings.extend({
  HOLDFAST_CATALOG: fileSetting,
  /** A module that exports `agents` and, if it has models of its own, `models`. */
  HOLDFAST_AGENTS: fileSetting,
  /** Replaces every agent's model: `provider/model` of the AI SDK. The provider's own key variable must be set. */
  HOLDFAST_MODEL: z.string().regex(/^[a-z-]+\/.+$/, 'must be provider/model, for example openai/gpt-5').optional(),
  /** The address of an OpenAI-compatible server, for models named `compatible/<model>`. */
  HOLDFAST_MODEL_URL: z.url().optional(),
  /** The key of that server, if it wants one. */
  HOLDFAST_MODEL_KEY: z.string().min(1).optional(),
  HOLDFAST_MODEL_TIMEOUT_MS: z.coerce.number().int().min(100).max(3_600_000).default(120_000),
  /** Of that, what may pass until a model sends anything. */
  HOLDFAST_MODEL_FIRST_TOKEN_MS: z.coerce.number().int().min(100).max(3_600_000).default(60_000),
  /** Requests a minute that this process may send to a provider: `openai=500,anthropic=50`. */
  HOLDFAST_MODEL_RATES: z.string().optional(),
  /** A price list of models, so that what they cost is recorded and can be limited; docs/models.md describes it. */
  HOLDFAST_MODEL_PRICES: fileSetting.optional(),
  /** Model calls at once for each partition. */
  HOLDFAST_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(16),
});
export type PlannerSettings = z.infer<typeof plannerSettings>;
