import type { MemberRecord } from './lease-store.js';

/**
 * For how long each member's record has not changed, on our own monotonic clock. Neither side's wall clock takes part, so
 * clocks may jump and differ. What was not watched cannot be judged: after a gap (the broker was away, or this process
 * was stopped) everybody is given the benefit of the doubt from now on.
 */
export class MemberWatch {
  private readonly seen = new Map<string, { readonly sequence: number; readonly since: number }>();
  /** Looks in a row at which nobody answered for a member. */
  private readonly unanswered = new Map<string, number>();
  private lastLook: number | undefined;

  /** `gapMs`: looks that are further apart than this are a gap. */
  constructor(private readonly gapMs: number) {}

  note(members: readonly MemberRecord[], now: number): void {
    const gap = this.lastLook !== undefined && now - this.lastLook > this.gapMs;
    this.lastLook = now;
    if (gap) this.unanswered.clear();
    const present = new Set(members.map(({ member }) => member));
    for (const member of this.seen.keys()) if (!present.has(member)) this.forget(member);
    for (const { member, sequence } of members) {
      if (gap || this.seen.get(member)?.sequence !== sequence) this.seen.set(member, { sequence, since: now });
    }
  }

  /** How many looks in a row nobody has answered for the member, this one included. */
  countAnswer(member: string, answered: boolean): number {
    const unanswered = answered ? 0 : (this.unanswered.get(member) ?? 0) + 1;
    this.unanswered.set(member, unanswered);
    return unanswered;
  }

  private forget(member: string): void {
    this.seen.delete(member);
    this.unanswered.delete(member);
  }

  /** Milliseconds since the member's record last changed before our eyes. */
  silentFor(member: string, now: number): number {
    return now - (this.seen.get(member)?.since ?? now);
  }
}
