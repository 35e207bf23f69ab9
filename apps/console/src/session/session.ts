import { computed, signal } from '@preact/signals';
import type { paths } from '../../generated/api.js';
import type { Problem } from '../api/problem.js';

/** Whoever is signed in, as the gateway tells it. */
export type Person = paths['/v1/principal']['get']['responses'][200]['content']['application/json'];
export type Role = Person['roles'][number];

/** Of this tab, and gone with it: a key in `localStorage` would outlive the person at the machine. */
const STORED = 'holdfast.key';

export const token = signal<string | undefined>(sessionStorage.getItem(STORED) ?? undefined);
export const person = signal<Person | undefined>(undefined);
/** Why the person has to sign in again, where they were signed in. */
export const expired = signal<Problem | undefined>(undefined);

export const isSignedIn = computed(() => person.value !== undefined);

/** True when the person may do what needs the role. The gateway decides; this only spares people buttons that it would refuse. */
export function may(role: Role): boolean {
  const roles = person.value?.roles ?? [];
  return role === 'viewer' || roles.includes('admin') || roles.includes(role);
}

export function signedIn(key: string, who: Person): void {
  sessionStorage.setItem(STORED, key);
  token.value = key;
  person.value = who;
  expired.value = undefined;
}

export function signOut(): void {
  sessionStorage.removeItem(STORED);
  token.value = undefined;
  person.value = undefined;
  expired.value = undefined;
}

export function expireSession(problem: Problem): void {
  if (token.value === undefined) return;
  signOut();
  expired.value = problem;
}
