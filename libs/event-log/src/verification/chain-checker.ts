import { HoldfastError, MAXIMUM_POINTERS, ZERO_HASH, canonicalJson, parseCommitSubject, partitionOf, type RunKey } from '@holdfast/contracts';
import { hashOf } from '../chain.js';
import { parseWritten, placeOf, wholeOf, type WrittenCommit } from '../decoding/decode.js';
import type { CommitMessage, StoredLog } from '../port.js';
import type { Findings } from './report.js';

/** What the next commit of a run has to continue. */
interface Link {
  readonly number: number;
  readonly hash: unknown;
  readonly sequence: number;
  readonly pointers: readonly unknown[];
  readonly hasCheckpoint: boolean;
  readonly lastCheckpoint: unknown;
}

/**
 * Checks the stored commits of one partition in the stream's order. It remembers the last commit of each run, of at most
 * `maximumRuns` runs; for a run that was forgotten it asks the log for the commit before.
 */
export class ChainChecker {
  private readonly links = new Map<string, Link>();
  private hasForgotten = false;

  constructor(private readonly log: StoredLog, private readonly partition: number, private readonly maximumRuns: number, private readonly findings: Findings) {}

  /** The commit's hash as it is stored; undefined when it cannot be read. */
  async check(message: CommitMessage): Promise<string | undefined> {
    const named = parseCommitSubject(message.subject);
    if (named === undefined) {
      this.findings.add({ partition: this.partition, sequence: message.sequence, problem: `"${message.subject}" is no subject of a commit` });
      return undefined;
    }
    const { key } = named;
    const written = await this.read(message, key);
    if (written === undefined) return undefined;
    const { hash, ...body } = written;
    const problem = (hashOf(body) !== hash ? 'a field was altered after it was written' : undefined) ?? misplaced(written, named, this.partition, this.log.partitions) ?? (await this.brokenLink(written, message, key));
    if (problem !== undefined) this.report(message, key, problem, written['number']);
    this.remember(`${key.tenant}/${key.runId}`, linkOf(written, message.sequence));
    return String(hash);
  }

  private async read(message: CommitMessage, key: RunKey): Promise<WrittenCommit | undefined> {
    try {
      const place = placeOf(message);
      return await wholeOf(parseWritten(message.data, place), place, (tenant, digest) => this.log.readPayload(tenant, digest));
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.retryable) throw error;
      this.report(message, key, error.message);
      return undefined;
    }
  }

  private async brokenLink(written: WrittenCommit, { sequence }: CommitMessage, key: RunKey): Promise<string | undefined> {
    const previous = this.links.get(`${key.tenant}/${key.runId}`) ?? (this.hasForgotten ? await this.lookBehind(written, sequence, key) : undefined);
    const due = (previous?.number ?? 0) + 1;
    if (written['number'] !== due) return `commit ${String(written['number'])} stands where commit ${due} is due: one is missing, repeated or out of order`;
    if (written['previousHash'] !== (previous?.hash ?? ZERO_HASH)) return 'it does not follow the commit before it';
    const pointers = previous === undefined ? [] : [previous.sequence, ...previous.pointers].slice(0, MAXIMUM_POINTERS);
    if (canonicalJson(pointers) !== canonicalJson(written['pointers'])) return 'its pointers do not lead to the commits before it';
    const checkpoint = previous === undefined ? undefined : previous.hasCheckpoint ? { number: previous.number, sequence: previous.sequence } : previous.lastCheckpoint;
    if (canonicalJson([checkpoint ?? null]) !== canonicalJson([written['lastCheckpoint'] ?? null])) return 'it does not say where the nearest checkpoint before it is';
    return undefined;
  }

  /** The last commit of a run that was forgotten, before this sequence. */
  private async lookBehind(written: WrittenCommit, sequence: number, key: RunKey): Promise<Link | undefined> {
    const pointers = Array.isArray(written['pointers']) ? (written['pointers'] as readonly unknown[]) : [];
    const from = Number(pointers[0] ?? 1);
    // The commit before, if the pointer is right, and this one: anything in between would be another branch of the run.
    const before = (await this.log.readStored(this.partition, from, 2, key)).findLast((message) => message.sequence < sequence);
    if (before === undefined) return undefined;
    try {
      const parsed = parseWritten(before.data, placeOf(before));
      return linkOf(await wholeOf(parsed, placeOf(before), (tenant, digest) => this.log.readPayload(tenant, digest)), before.sequence);
    } catch (error) {
      if (error instanceof HoldfastError && error.retryable) throw error;
      return undefined;
    }
  }

  private remember(name: string, link: Link): void {
    this.links.delete(name);
    this.links.set(name, link);
    if (this.links.size <= this.maximumRuns) return;
    this.hasForgotten = true;
    const oldest = this.links.keys().next().value;
    if (oldest !== undefined) this.links.delete(oldest);
  }

  private report({ sequence }: CommitMessage, key: RunKey, problem: string, number?: unknown): void {
    this.findings.add({ partition: this.partition, sequence, run: `${key.tenant}/${key.runId}`, ...(typeof number === 'number' ? { number } : {}), problem });
  }
}

function linkOf(written: WrittenCommit, sequence: number): Link {
  const { number, hash, pointers, checkpoint, encryption, lastCheckpoint } = written;
  return { number: Number(number), hash, sequence, pointers: Array.isArray(pointers) ? (pointers as readonly unknown[]) : [], hasCheckpoint: checkpoint !== undefined || (encryption as { readonly checkpoint?: unknown } | undefined)?.checkpoint === true, lastCheckpoint };
}

function misplaced(written: WrittenCommit, named: NonNullable<ReturnType<typeof parseCommitSubject>>, partition: number, partitions: number): string | undefined {
  const { tenant, runId, route } = written;
  if (tenant !== named.key.tenant || runId !== named.key.runId || route !== named.route) return `it stands under the subject of run ${named.key.tenant}/${named.key.runId} on route ${named.route}, but it is of run ${String(tenant)}/${String(runId)} on route ${String(route)}`;
  const wanted = partitionOf(named.key, partitions);
  return wanted === partition && named.partition === partition ? undefined : `its run belongs in partition ${wanted} of ${partitions}`;
}
