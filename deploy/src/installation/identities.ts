import { createUser } from '@nats-io/nkeys';
import { CORE_ACCOUNT, ROLES, type Account } from '@holdfast/contracts';

/** An Ed25519 key pair in NATS' own encoding: the broker's configuration holds the public part only. */
export interface Identity {
  readonly seed: string;
  readonly publicKey: string;
}

export type Identities = Readonly<Record<Account, Identity>>;

/** Fresh identities for every role and for the installer. */
export function createIdentities(): Identities {
  const accounts: readonly Account[] = [CORE_ACCOUNT, ...ROLES];
  return Object.fromEntries(accounts.map((account) => [account, createIdentity()])) as Record<Account, Identity>;
}

/** A fresh identity, also for a team outside. */
export function createIdentity(): Identity {
  const user = createUser();
  return { seed: new TextDecoder().decode(user.getSeed()), publicKey: user.getPublicKey() };
}
