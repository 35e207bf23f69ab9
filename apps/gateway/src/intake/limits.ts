import { HoldfastError } from '@holdfast/contracts';

/**
 * A task event in bytes of UTF-8. The event travels inside a fact and again inside the run's first commit, and each of
 * these must stay below the broker's message of 1 MB.
 */
export const MAXIMUM_EVENT_BYTES = 262_144;
/** A signal's payload, likewise. */
export const MAXIMUM_PAYLOAD_BYTES = 65_536;
/** Levels of nesting; deeper values exhaust the stack of whoever walks them. */
export const MAXIMUM_DEPTH = 64;

/** True when a JSON value is nested deeper than `maximum` levels. It does not recurse, so no value can harm it. */
export function isDeeperThan(value: unknown, maximum: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maximum) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}

/** Throws `task.too-large` or `request.invalid` when a value is too large or too deep to become part of a run. */
export function requireModest(value: unknown, maximumBytes: number, what: string): void {
  if (isDeeperThan(value, MAXIMUM_DEPTH)) {
    throw new HoldfastError({ code: 'request.malformed', message: `The ${what} is nested deeper than ${MAXIMUM_DEPTH} levels.`, retryable: false, remedy: 'Flatten it.' });
  }
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (bytes > maximumBytes) {
    throw new HoldfastError({ code: 'task.too-large', message: `The ${what} has ${bytes} bytes; at most ${maximumBytes} are taken.`, retryable: false, remedy: 'Keep large content elsewhere and refer to it by address.' });
  }
}
