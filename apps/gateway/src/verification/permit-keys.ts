import { permitKeys, type PermitKeys } from '@holdfast/policy-engine';
import { readSecret } from '@holdfast/service';

export const PERMIT_KEYS = Symbol('PermitKeys');

/** The public keys of permits, present and former ones, as their file has them now; undefined where the gateway was given none. */
export type PresentPermitKeys = () => Promise<PermitKeys | undefined>;

/** Reads the file anew for each check: keys are exchanged while the gateway runs. Throws `permit.bad-key`. */
export function permitKeysIn(file: string | undefined): PresentPermitKeys {
  return async () => {
    const text = file === undefined ? undefined : readSecret(undefined, file, 'HOLDFAST_PERMIT_PUBLIC_KEYS');
    return text === undefined ? undefined : permitKeys(text);
  };
}
