import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { HoldfastError, digest, personRole, tenantId } from '@holdfast/contracts';

/** What a key may do: read, start and steer runs, answer approvals, or all of these. */
export const apiRole = z.enum(['viewer', 'operator', 'approver', 'admin']);
export type ApiRole = z.infer<typeof apiRole>;

/**
 * One API key as its file holds it: never the key, only its SHA-256. A plain hash suffices because keys are meant to be
 * random (32 bytes or so); a password that a person made up does not belong here.
 */
const apiKey = z.strictObject({
  /** Who answers for what is done with the key; approvals and controls are recorded under this name. */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,127}$/, 'must be 1 to 128 letters, digits, blanks, ".", "_", "@" or "-"'),
  tenant: tenantId,
  roles: z.array(apiRole).min(1),
  /** What policies and the rules on approvals know the person as, such as `treasury`: beside the roles, so none may be named like one. */
  groups: z.array(personRole.refine((group) => !apiRole.safeParse(group).success, 'must not be the name of a role')).max(32).default([]),
  sha256: digest,
});
type ApiKey = z.input<typeof apiKey>;

const apiKeyFile = z.array(apiKey).max(10_000);

/** Whoever presented a key or a token. */
export interface Principal {
  readonly name: string;
  readonly tenant: string;
  readonly roles: readonly ApiRole[];
  readonly groups: readonly string[];
  /** When what was presented ends, in milliseconds since the Unix epoch; a key does not. */
  readonly expiresAt?: number;
}

/** Every role may read; only `admin` includes the others, so that who operates need not be able to approve. */
export function hasRole(principal: Principal, wanted: ApiRole): boolean {
  return wanted === 'viewer' || principal.roles.includes('admin') || principal.roles.includes(wanted);
}

/** The keys of this installation. */
export class ApiKeys {
  private readonly keys: readonly { readonly hash: Buffer; readonly principal: Principal }[];

  constructor(keys: readonly ApiKey[]) {
    this.keys = keys.map(({ name, tenant, roles, groups = [], sha256 }) => ({ hash: Buffer.from(sha256, 'hex'), principal: { name, tenant, roles, groups } }));
  }

  /** Reads the keys' file. Throws `settings.api-keys-invalid`, which never repeats the file's content. */
  static fromFile(file: string): ApiKeys {
    let value: unknown;
    try {
      value = JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      throw invalid(file, 'it cannot be read as JSON');
    }
    const parsed = apiKeyFile.safeParse(value);
    if (!parsed.success) throw invalid(file, parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`).join('; '));
    const hashes = new Set(parsed.data.map((key) => key.sha256));
    if (hashes.size !== parsed.data.length) throw invalid(file, 'two entries have the same hash');
    const names = new Set(parsed.data.map((key) => `${key.tenant}/${key.name}`));
    if (names.size !== parsed.data.length) throw invalid(file, 'two entries of one tenant have the same name');
    return new ApiKeys(parsed.data);
  }

  /**
   * The principal of an `Authorization: Bearer <key>` header (RFC 6750), or undefined. All keys are compared in constant
   * time, so that the time tells neither how much of a hash matched nor which key it was.
   */
  authenticate(authorization: string | undefined): Principal | undefined {
    const presented = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization ?? '')?.[1];
    if (presented === undefined) return undefined;
    const hash = createHash('sha256').update(presented).digest();
    let found: Principal | undefined;
    for (const key of this.keys) {
      if (timingSafeEqual(key.hash, hash)) found = key.principal;
    }
    return found;
  }
}

function invalid(file: string, why: string): HoldfastError {
  return new HoldfastError({ code: 'settings.api-keys-invalid', message: `The API keys' file "${file}" is unusable: ${why}.`, retryable: false, remedy: 'Write a JSON array of { name, tenant, roles, sha256 } and set HOLDFAST_API_KEYS_FILE to its path.' });
}
