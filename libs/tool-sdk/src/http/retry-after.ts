/**
 * Reads a Retry-After header (RFC 9110, section 10.2.3): a number of seconds or an HTTP date. Returns milliseconds from
 * `now` (milliseconds since the Unix epoch), never negative; undefined when it is absent or unreadable.
 */
export function readRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
