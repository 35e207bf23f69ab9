import type { MemberRecord } from './lease-store.js';

/**
 * For how long each member's record has not changed, on our own monotonic clock. Neither side's wall clock takes part, so
 * clocks may jump and differ. What was not watched cannot be judged: after a gap (the broker was away, or this process
 * was stopped) everybody is given the benefit of the doubt from now on.
 */
export class MemberWatch {
  private readonly seen = new Map<string, { readonly sequence: number; readonly since: number }>();
  private lastLook = -Infinity;

  /** `gapMs`: looks that are further apart than this are a gap. */
  constructor(private readonly gapMs: number) {}

  note(members: readonly MemberRecord[], now: number): void {
    const gap = now - this.lastLook > this.gapMs;
    this.lastLook = now;
    const present = new Set(members.map(({ member }) => member));
    for (const member of this.seen.keys()) if (!present.has(member)) this.seen.delete(member);
    for (const { member, sequence } of members) {
      if (gap || this.seen.get(member)?.sequence !== sequence) this.seen.set(member, { sequence, since: now });
    }
  }

  /** Milliseconds since the member's record last changed before our eyes. */
  silentFor(member: string, now: number): number {
    return now - (this.seen.get(member)?.since ?? now);
  }
}
