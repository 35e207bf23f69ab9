/** One thing that is wrong with the log. */
export interface Finding {
  readonly partition: number;
  /** Where in the partition's stream; the first of them where several messages are missing. */
  readonly sequence: number;
  /** `tenant/run`, and the commit's number in it, as far as they can be told. */
  readonly run?: string;
  readonly number?: number;
  readonly problem: string;
}

/** What a partition holds, to be compared with an earlier report or with a copy's. */
export interface CheckedPartition {
  readonly partition: number;
  /** The sequence of the last message that was checked. */
  readonly last: number;
  /** SHA-256 over the hashes of all its commits in order: two copies of a log agree when these agree. */
  readonly digest: string;
}

export interface VerificationReport {
  readonly holds: boolean;
  readonly commits: number;
  readonly findings: readonly Finding[];
  /** Findings beyond the limit, which are counted and not listed. */
  readonly more: number;
  readonly partitions: readonly CheckedPartition[];
}

/** Collects findings up to a limit, so that a log that is broken everywhere does not fill the memory. */
export class Findings {
  readonly listed: Finding[] = [];
  more = 0;

  constructor(private readonly limit: number) {}

  add(finding: Finding): void {
    if (this.listed.length < this.limit) this.listed.push(finding);
    else this.more += 1;
  }

  get none(): boolean {
    return this.listed.length === 0;
  }
}
