import { jetstreamManager } from '@nats-io/jetstream';
import { HoldfastError, PAYLOADS_STREAM, claimedCommit, commitPayload, encryptedCommit, logStream, partitionOf, payloadPart } from '@holdfast/contracts';
import { connectWithin, type InstallSettings } from './install.js';

export interface OrphanSettings extends Pick<InstallSettings, 'url' | 'seed' | 'partitions'> {
  /**
   * Only payloads older than this many milliseconds are looked at. It must be far longer than an append may take, or a
   * payload whose commit is about to come would be removed.
   */
  readonly olderThanMs: number;
  readonly now: number;
}

export interface RemovedOrphans {
  readonly checked: number;
  readonly removed: readonly { readonly subject: string; readonly sequence: number }[];
}

/** An append lives for seconds; an hour leaves room for a sleeping machine. */
const SHORTEST_AGE_MS = 3_600_000;

/**
 * Removes payloads that no commit refers to: what a crash between payload and commit left behind, and what the loser of a
 * race had stored. A payload names the one commit that may refer to it, so one look at that run decides. It needs the
 * account that owns the streams. Running it twice, or beside everything else, does no harm.
 */
export async function removeOrphans(settings: OrphanSettings): Promise<RemovedOrphans> {
  if (settings.olderThanMs < SHORTEST_AGE_MS) {
    throw new HoldfastError({ code: 'orphans.age-too-short', message: `Payloads of the last ${SHORTEST_AGE_MS / 60_000} minutes may still get their commit.`, retryable: false, remedy: 'Ask for older ones.' });
  }
  const connection = await connectWithin(settings);
  try {
    const manager = await jetstreamManager(connection, { timeout: 10_000 });
    const removed: RemovedOrphans['removed'][number][] = [];
    let checked = 0;
    const { state } = await manager.streams.info(PAYLOADS_STREAM);
    for (let sequence = state.first_seq; sequence <= state.last_seq; sequence += 1) {
      const message = await manager.streams.getMessage(PAYLOADS_STREAM, { seq: sequence }).catch(unlessMissing);
      if (message === null || settings.now - message.time.getTime() < settings.olderThanMs) continue;
      checked += 1;
      const digest = message.subject.split('.').at(-1) ?? '';
      const payload = storedPayload.safeParse(message.json());
      // What is no payload of ours is left for people to look at.
      if (!payload.success || (await isReferred(manager, settings.partitions, payload.data, digest))) continue;
      await manager.streams.deleteMessage(PAYLOADS_STREAM, sequence, false);
      removed.push({ subject: message.subject, sequence });
    }
    return { checked, removed };
  } finally {
    await connection.close();
  }
}

/** A whole content or a part of one: both name their commit. */
const storedPayload = commitPayload.or(payloadPart);

function refersTo(stored: unknown, digest: string): boolean {
  const encrypted = encryptedCommit.safeParse(stored);
  if (encrypted.success) return encrypted.data.parts?.includes(digest) === true;
  const claimed = claimedCommit.safeParse(stored);
  if (!claimed.success) return false;
  const { payload } = claimed.data;
  return 'parts' in payload ? payload.parts.includes(digest) : payload.digest === digest;
}

type Manager = Awaited<ReturnType<typeof jetstreamManager>>;

/** True when some commit of the payload's run refers to it. The leaders are asked, since a replica may be behind. */
async function isReferred(manager: Manager, partitions: number, { tenant, runId }: { readonly tenant: string; readonly runId: string }, digest: string): Promise<boolean> {
  const partition = partitionOf({ tenant, runId }, partitions);
  const filter = `log.${partition}.${tenant}.${runId}.>`;
  for (let sequence = 1; ;) {
    // The broker takes a filter with the sequence, which the client's types do not name.
    const query = { seq: sequence, next_by_subj: filter };
    const message = await manager.streams.getMessage(logStream(partition), query).catch(unlessMissing);
    if (message === null) return false;
    if (refersTo(message.json(), digest)) return true;
    sequence = message.seq + 1;
  }
}

/** The broker's code for a message that is not there; any other error must not look like "nobody refers to it". */
const NO_MESSAGE = 10037;

function unlessMissing(error: unknown): null {
  if ((error as { code?: unknown }).code === NO_MESSAGE) return null;
  throw error;
}
