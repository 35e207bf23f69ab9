/** A member's sign of life. Only that it changes means anything: no clock of another machine is ever believed. */
export interface MemberRecord {
  readonly member: string;
  /** The bucket's sequence of the record, which is another one with every heartbeat. */
  readonly sequence: number;
  /** A member that is leaving gets nothing new and gives up what it has. */
  readonly leaving: boolean;
  /** When the broker stored it, in the broker's time. For reckoning the time, never for judging a lease. */
  readonly storedAt: number;
}

export interface LeaseRecord {
  /** Undefined when its last owner has given it up. */
  readonly owner: string | undefined;
  readonly sequence: number;
}

/** What the bucket of leases holds. */
export interface LeaseSnapshot {
  readonly members: readonly MemberRecord[];
  readonly leases: ReadonlyMap<number, LeaseRecord>;
}

/** `conflict`: somebody was quicker. `unknown`: it may have been set or not; look again. */
export type TakeResult = { readonly status: 'set'; readonly sequence: number } | { readonly status: 'conflict' | 'unknown' };

/** Where orchestrators agree on who owns a partition. Every method may throw a retryable HoldfastError. */
export interface LeaseStore {
  read(): Promise<LeaseSnapshot>;
  /** Renews a member's sign of life. */
  beat(member: string, leaving: boolean): Promise<void>;
  /** Sets a partition's owner if its record still is the one at sequence `after` (0: there is none). */
  take(partition: number, owner: string | undefined, after: number): Promise<TakeResult>;
  /** Whether a member's process is connected to the broker: `nobody` is certain, `unknown` is not. */
  probe(member: string): Promise<'somebody' | 'nobody' | 'unknown'>;
}
