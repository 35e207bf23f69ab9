import { hash } from 'node:crypto';
import { MAXIMUM_POINTERS, ZERO_HASH, canonicalJson, type Commit, type Encryption, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { writtenOf, type WrittenCommit } from './decoding/decode.js';
import type { AppendableDraft } from './port.js';

/**
 * SHA-256 over the canonical form (RFC 8785) of every field but the hash itself; of an encrypted commit, without what its
 * ciphertext says, whose digest is in `encryption`.
 */
export function hashOf(commit: Omit<Commit, 'hash'> | Omit<WrittenCommit, 'hash'>): string {
  if (commit.encryption === undefined) return hash('sha256', canonicalJson(commit));
  const { events: _events, checkpoint: _checkpoint, ...outline } = commit as Omit<Commit, 'hash'>;
  return hash('sha256', canonicalJson(outline));
}

/** Gives a draft its place in the chain: number, hash of the commit before, pointers and its own hash. */
export function seal(key: RunKey, draft: AppendableDraft, previous: RecordedCommit | undefined, encryption?: Encryption): Commit {
  const body: Omit<Commit, 'hash'> = {
    format: 1,
    tenant: key.tenant,
    runId: key.runId,
    number: (previous?.commit.number ?? 0) + 1,
    previousHash: previous?.commit.hash ?? ZERO_HASH,
    at: draft.at,
    cause: draft.cause,
    route: draft.route,
    events: [...draft.events],
    pointers: previous === undefined ? [] : [previous.sequence, ...previous.commit.pointers].slice(0, MAXIMUM_POINTERS),
    ...(draft.parent === undefined ? {} : { parent: draft.parent }),
    ...(draft.checkpoint === undefined ? {} : { checkpoint: draft.checkpoint }),
    ...checkpointBefore(previous),
    ...(encryption === undefined ? {} : { encryption }),
  };
  return { ...body, hash: hashOf(body) };
}

/** Where the nearest checkpoint before the next commit is, as that commit has to say it. */
function checkpointBefore(previous: RecordedCommit | undefined): Pick<Commit, 'lastCheckpoint'> {
  if (previous === undefined) return {};
  const { checkpoint, encryption, lastCheckpoint, number } = previous.commit;
  if (checkpoint !== undefined || encryption?.checkpoint === true) return { lastCheckpoint: { number, sequence: previous.sequence } };
  return lastCheckpoint === undefined ? {} : { lastCheckpoint };
}

/** The first thing that is wrong with a history. */
export interface ChainBreak {
  readonly number: number;
  readonly problem: string;
}

/** Checks numbers, hashes, links and pointers of a whole history in order; undefined means that all of it holds. */
export function findBreak(history: readonly RecordedCommit[]): ChainBreak | undefined {
  let previous: RecordedCommit | undefined;
  for (const [index, recorded] of history.entries()) {
    const { hash, ...body } = recorded.commit;
    const { hash: _, ...written } = writtenOf(recorded.commit);
    const number = index + 1;
    if (body.number !== number) return { number, problem: `commit ${body.number} stands where commit ${number} is due: one is missing, repeated or out of order` };
    if (body.previousHash !== (previous?.commit.hash ?? ZERO_HASH)) return { number, problem: 'it does not follow the commit before it' };
    if (hashOf(written) !== hash) return { number, problem: 'a field was altered after it was written' };
    const pointers = previous === undefined ? [] : [previous.sequence, ...previous.commit.pointers].slice(0, MAXIMUM_POINTERS);
    if (canonicalJson(pointers) !== canonicalJson(body.pointers)) return { number, problem: 'its pointers do not lead to the commits before it' };
    if (canonicalJson(checkpointBefore(previous)) !== canonicalJson(body.lastCheckpoint === undefined ? {} : { lastCheckpoint: body.lastCheckpoint })) return { number, problem: 'it does not say where the nearest checkpoint before it is' };
    previous = recorded;
  }
  return undefined;
}
