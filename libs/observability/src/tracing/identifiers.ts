import { hash } from 'node:crypto';

/** A commit, as far as its place in a trace goes. */
export interface CommitReference {
  readonly tenant: string;
  readonly runId: string;
  /** The identifier of the commit that never changes: its hash in the log. */
  readonly commitId: string;
}

/** W3C Trace Context, level 1: version 00. */
const VERSION = '00';
/** Always "sampled": each process decides by trace id, so that all of them keep or leave out the same traces. */
const FLAGS = '01';

/**
 * The trace id of a run: 32 hexadecimal digits, never all zero (W3C Trace Context forbids that).
 *
 * The first 16 bytes of SHA-256 over tenant and run id, so that any process, also one started after a kill, finds the same
 * trace without having been told.
 */
export function runTraceId(tenant: string, runId: string): string {
  return truncatedDigest(`holdfast.trace\0${tenant}\0${runId}`, 32);
}

/** The span id of a run's root span: 16 hexadecimal digits, never all zero; known before the first commit exists. */
export function runSpanId(tenant: string, runId: string): string {
  return truncatedDigest(`holdfast.run\0${tenant}\0${runId}`, 16);
}

/** The span id of a commit: 16 hexadecimal digits, never all zero, from the first 8 bytes of SHA-256 over its id. */
export function commitSpanId(commitId: string): string {
  return truncatedDigest(`holdfast.commit\0${commitId}`, 16);
}

/** The `traceparent` that makes a span a child of a commit; for spans of the work which that commit dispatched. */
export function commitTraceparent(commit: CommitReference): string {
  return `${VERSION}-${runTraceId(commit.tenant, commit.runId)}-${commitSpanId(commit.commitId)}-${FLAGS}`;
}

/** The `traceparent` that makes a span a child of the run's root; for work done before the run's first commit. */
export function runTraceparent(tenant: string, runId: string): string {
  return `${VERSION}-${runTraceId(tenant, runId)}-${runSpanId(tenant, runId)}-${FLAGS}`;
}

function truncatedDigest(text: string, digits: number): string {
  const truncated = hash('sha256', text, 'hex').slice(0, digits);
  return /^0+$/.test(truncated) ? `${truncated.slice(0, -1)}1` : truncated;
}
