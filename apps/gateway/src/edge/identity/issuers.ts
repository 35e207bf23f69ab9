import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { HoldfastError, personRole, tenantId } from '@holdfast/contracts';
import { apiRole } from '../api-keys.js';

/** Keys and words about them come over TLS, but for what runs on the same machine. */
const address = z.url({ protocol: /^https?$/ }).refine((text) => {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}, 'must be an https address');

/** Which value of which claim grants what. A claim is a text, or a list of them; nested ones are named by a path with dots. */
const granting = <T extends z.ZodType>(granted: T) => z.strictObject({ claim: z.string().min(1).max(128), grants: z.record(z.string(), granted) });

const issuer = z.strictObject({
  /** What people of this issuer are recorded under: `corp` makes `corp:jane`. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and "-"').refine((name) => !['source', 'run'].includes(name), 'is used for requesters that are no people'),
  /** The `iss` of its tokens, letter by letter. */
  issuer: address,
  /** The `aud` that its tokens must have, so that a token for another application opens nothing here. */
  audience: z.string().min(1).max(256),
  /** Where its public keys are (RFC 7517); without it they are looked up by OpenID Connect Discovery. */
  keys: address.optional(),
  /** Asymmetric algorithms alone: with a shared secret, whoever can check a token could make one. */
  algorithms: z.array(z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])).min(1).default(['RS256']),
  /** The claim that tells people apart. It must never be given to somebody else, which mail addresses are. */
  user: z.string().min(1).max(128).default('sub'),
  tenant: z.union([z.strictObject({ value: tenantId }), z.strictObject({ claim: z.string().min(1).max(128), among: z.array(tenantId).min(1).optional() })]),
  roles: granting(apiRole),
  groups: granting(personRole.refine((group) => !apiRole.safeParse(group).success, 'must not be the name of a role')).optional(),
  /** Seconds by which the issuer's clock and ours may differ. */
  clockSkewSeconds: z.int().min(0).max(300).default(30),
});
export type Issuer = z.infer<typeof issuer>;

const issuerFile = z.array(issuer).min(1).max(32);

/** Reads the file of issuers whose tokens are accepted. Throws `settings.issuers-invalid`, which says what is wrong where. */
export function readIssuers(file: string): readonly Issuer[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw invalid(file, 'it cannot be read as JSON');
  }
  const parsed = issuerFile.safeParse(value);
  if (!parsed.success) throw invalid(file, parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`).join('; '));
  for (const member of ['name', 'issuer'] as const) {
    if (new Set(parsed.data.map((entry) => entry[member])).size !== parsed.data.length) throw invalid(file, `two entries have the same ${member}`);
  }
  return parsed.data;
}

function invalid(file: string, why: string): HoldfastError {
  return new HoldfastError({ code: 'settings.issuers-invalid', message: `The issuers' file "${file}" is unusable: ${why}.`, retryable: false, remedy: 'Write a JSON array of issuers as docs/access.md describes, and set HOLDFAST_ISSUERS_FILE to its path.' });
}
