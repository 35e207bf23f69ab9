import { z } from 'zod';

/** The policy service's own environment variables; each refusal names the variable. */
export const policyConfiguration = z.object({
  /** The folder with the deployment's `.cedar` files. */
  HOLDFAST_POLICIES: z.string().min(1, 'must name the folder with the .cedar files'),
  /** The catalog file: agents and tools of the deployment. */
  HOLDFAST_CATALOG: z.string().min(1, 'must name the catalog file'),
  /** What policies read as `context.environment`. */
  HOLDFAST_ENVIRONMENT: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and "-"').default('development'),
  /** The Ed25519 key itself (PKCS #8 in PEM, or a JSON Web Key), or the path of a file that holds it. */
  HOLDFAST_PERMIT_PRIVATE_KEY: z.string().min(1, 'must hold an Ed25519 private key or the path of its file'),
  /** How long a permit is in force: longer than a call may wait for a worker, since one that is late cannot run. */
  HOLDFAST_PERMIT_SECONDS: z.coerce.number().int().min(1).max(86_400).default(900),
});
export type PolicyConfiguration = z.infer<typeof policyConfiguration>;
